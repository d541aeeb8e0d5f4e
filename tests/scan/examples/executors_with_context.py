# expect: nothing
import asyncio
import smtplib
import ssl
import threading
from functools import partial


async def main(loop):
    context = ssl.create_default_context()
    await asyncio.to_thread(smtplib.SMTP_SSL, "mail.example.test", context=context)
    await loop.run_in_executor(None, partial(smtplib.SMTP_SSL, "mail.example.test", context=context))
    smtp = smtplib.SMTP("mail.example.test")
    threading.Thread(target=smtp.starttls, kwargs={"context": context}).start()

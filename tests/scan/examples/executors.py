# expect: SD101 definite fixable | executor.submit(smtplib.SMTP_SSL, "mail.example.test", 465)
# expect: SD101 definite | loop.run_in_executor(None, smtplib.SMTP_SSL, "mail.example.test")
# expect: SD101 definite fixable | asyncio.to_thread(imaplib.IMAP4_SSL, "mail.example.test")
# expect: SD101 definite | threading.Thread(target=smtp.starttls)
# expect: SD101 definite | executor.map(smtplib.SMTP_SSL, hosts)
import asyncio
import imaplib
import smtplib
import threading
from concurrent.futures import ThreadPoolExecutor


async def main(loop, hosts):
    with ThreadPoolExecutor() as executor:
        executor.submit(smtplib.SMTP_SSL, "mail.example.test", 465)
        executor.map(smtplib.SMTP_SSL, hosts)
    await loop.run_in_executor(None, smtplib.SMTP_SSL, "mail.example.test")
    await asyncio.to_thread(imaplib.IMAP4_SSL, "mail.example.test")
    smtp = smtplib.SMTP("mail.example.test")
    threading.Thread(target=smtp.starttls).start()

# expect: SD101 definite fixable | smtp.starttls()
import asyncio
import smtplib


async def main(loop):
    smtp = await loop.run_in_executor(None, smtplib.SMTP, "mail.example.test")
    await asyncio.to_thread(print, "connected")
    smtp.starttls()

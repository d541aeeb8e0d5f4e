# kind: safe
# level: plain
# run: none (a library of others that verifies)

import asyncio

import aiosmtplib


async def main(message):
    smtp = aiosmtplib.SMTP(hostname="mail.example.test", port=587)
    await smtp.connect()
    await smtp.starttls()
    await smtp.login("me", "secret")
    await smtp.send_message(message)
    await smtp.quit()


asyncio.run(main("x"))

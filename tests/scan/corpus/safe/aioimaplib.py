# kind: safe
# level: plain
# run: none (a library of others that verifies)

from aioimaplib import IMAP4_SSL


async def check():
    client = IMAP4_SSL(host="mail.example.test")
    await client.wait_hello_from_server()
    await client.login("me", "secret")

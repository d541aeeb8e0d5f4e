# expect: SD101 definite fixable | smtplib.SMTP_SSL(**options)
# expect: SD101 definite | await in_thread(poplib.POP3_SSL, "a.example.test")
"""A function that only puts options together is followed, too; and one that hands all of it to a thread."""

import asyncio
import functools
import os
import poplib
import smtplib
import ssl

BASE = {"timeout": 20}


def settings():
    made = dict(BASE)
    made["host"] = os.environ["MAIL_HOST"]
    return made


def connect():
    options = settings()
    smtplib.SMTP_SSL(**options)


async def in_thread(function, *args, **kwargs):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, functools.partial(function, *args, **kwargs))


async def fetch(host):
    await in_thread(poplib.POP3_SSL, host, context=ssl.create_default_context())
    await in_thread(poplib.POP3_SSL, "a.example.test")

# expect: SD201 possible | smtplib.SMTP_SSL("a.example.test", context=context)
# expect: SD201 possible | smtplib.SMTP_SSL("b.example.test", context=context)
# expect: SD201 possible | smtplib.SMTP_SSL("c.example.test", context=context)
# expect: SD201 possible | smtplib.SMTP_SSL("d.example.test", context=context)
# expect: SD201 possible | smtplib.SMTP_SSL("e.example.test", context=context)
# expect: SD201 possible | smtplib.SMTP_SSL("f.example.test", context=context)
# expect: SD201 possible | smtplib.SMTP_SSL("g.example.test", context=context)
"""Weak on request, and verifying where nobody has set anything, or where that cannot be told."""

import os
import smtplib
import ssl

VERIFY = os.environ.get("MAIL_VERIFY", "true").lower() in ("1", "true")


def relaxed():
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


def environment():
    context = ssl.create_default_context() if VERIFY else relaxed()
    smtplib.SMTP_SSL("a.example.test", context=context)


def configuration(parser):
    context = relaxed() if not parser.getboolean("mail", "verify", fallback=True) else ssl.create_default_context()
    smtplib.SMTP_SSL("b.example.test", context=context)


def option(options):
    context = relaxed() if options.get("insecure") else ssl.create_default_context()
    smtplib.SMTP_SSL("c.example.test", context=context)


def unknown(options):
    context = relaxed() if options.lax else ssl.create_default_context()
    smtplib.SMTP_SSL("d.example.test", context=context)


def number(unknown):
    context = ssl.create_default_context() if int(os.getenv("VERIFY_LEVEL", "high")) else relaxed()
    smtplib.SMTP_SSL("e.example.test", context=context)


def level(given):
    context = ssl.create_default_context() if bool(given.verify) in (True, given.other) else relaxed()
    smtplib.SMTP_SSL("f.example.test", context=context)


def order(verify=1):
    context = relaxed() if verify < 1 else ssl.create_default_context()
    smtplib.SMTP_SSL("g.example.test", context=context)

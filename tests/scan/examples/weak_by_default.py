# expect: SD201 definite | smtplib.SMTP_SSL("a.example.test", context=context)
# expect: SD201 definite | smtplib.SMTP_SSL("b.example.test", context=context)
# expect: SD201 definite | smtplib.SMTP_SSL(self.host, context=self.context())
# expect: SD201 definite | smtplib.SMTP_SSL("c.example.test", context=context)
# expect: SD201 definite | smtplib.SMTP_SSL("d.example.test", context=context)
# expect: SD201 definite | smtplib.SMTP_SSL("e.example.test", context=context)
# expect: SD201 definite | smtplib.SMTP_SSL("f.example.test", context=context)
# expect: SD201 definite | smtplib.SMTP_SSL("g.example.test", context=context)
# expect: SD201 definite | smtplib.SMTP_SSL("h.example.test", context=context)
"""What is weak where nobody has set anything."""

import os
import smtplib
import ssl
from distutils.util import strtobool

from our_project import settings

VERIFY = os.environ.get("MAIL_VERIFY", "false").lower() in ("1", "true")
LEVEL = "none"


def relaxed():
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


def parameter(verify=False):
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
    smtplib.SMTP_SSL("a.example.test", context=context)


def environment():
    context = ssl.create_default_context() if VERIFY else relaxed()
    smtplib.SMTP_SSL("b.example.test", context=context)


class Mailer:
    def __init__(self, host, verify=False):
        self.host = host
        self.verify = verify

    def context(self):
        return relaxed() if self.verify is False else ssl.create_default_context()

    def connect(self):
        return smtplib.SMTP_SSL(self.host, context=self.context())


def configuration(parser):
    context = ssl.create_default_context() if parser.getboolean("mail", "verify", fallback=False) else relaxed()
    smtplib.SMTP_SSL("c.example.test", context=context)


def one_of_several(options):
    context = ssl.create_default_context()
    if LEVEL != "full" and not options.get("verify"):
        context = relaxed()
    smtplib.SMTP_SSL("d.example.test", context=context)


def by_getattr():
    context = ssl.create_default_context() if getattr(settings, "MAIL_VERIFY", None) else relaxed()
    smtplib.SMTP_SSL("e.example.test", context=context)


def by_number():
    context = relaxed() if not bool(int(os.getenv("MAIL_VERIFY", "0"))) else ssl.create_default_context()
    smtplib.SMTP_SSL("f.example.test", context=context)


def by_text():
    context = ssl.create_default_context() if strtobool(os.getenv("MAIL_VERIFY", "no")) else relaxed()
    smtplib.SMTP_SSL("g.example.test", context=context)


def by_list():
    context = relaxed() if os.getenv("MAIL_VERIFY", "no") not in ["yes", "on"] else ssl.create_default_context()
    smtplib.SMTP_SSL("h.example.test", context=context)

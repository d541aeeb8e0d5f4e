# expect: SD201 definite | smtplib.SMTP_SSL("a.example.test", context=without_package())
# expect: SD201 definite | smtplib.SMTP_SSL("b.example.test", context=context)
# expect: SD201 definite | smtplib.SMTP_SSL("c.example.test", context=given or ssl._create_unverified_context())
# expect: SD201 definite | smtplib.SMTP_SSL("d.example.test", context=context)
# expect: SD201 possible | smtplib.SMTP_SSL("e.example.test", context=self.context)
# expect: SD201 definite | smtplib.SMTP_SSL("f.example.test", context=context)
"""Weak on some paths only, of which none is a wish; and one that is."""

import smtplib
import ssl
import sys


def without_package():
    try:
        import certifi
    except ImportError:
        return ssl._create_unverified_context()
    return ssl.create_default_context(cafile=certifi.where())


def connect(given=None, cafile=None, hosts=()):
    smtplib.SMTP_SSL("a.example.test", context=without_package())
    if sys.version_info >= (3, 10) and hasattr(ssl, "PROTOCOL_TLS_CLIENT"):
        context = ssl.create_default_context()
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS)
    smtplib.SMTP_SSL("b.example.test", context=context)
    smtplib.SMTP_SSL("c.example.test", context=given or ssl._create_unverified_context())
    context = ssl.create_default_context(cafile=cafile)
    if cafile is None:
        context.check_hostname = False
    smtplib.SMTP_SSL("d.example.test", context=context)
    context = ssl.create_default_context()
    for name, value in (("check_hostname", False), ("verify_mode", 0)):
        setattr(context, name, value)
    smtplib.SMTP_SSL("f.example.test", context=context)


class Switch:
    def __init__(self):
        self.context = ssl.create_default_context()

    def connect(self):
        smtplib.SMTP_SSL("e.example.test", context=self.context)

    def relax(self):
        self.context.check_hostname = False

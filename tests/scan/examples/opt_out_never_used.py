# expect: SD103 definite | smtplib.SMTP_SSL("a.example.test", context=other)
# expect: SD102 definite | smtplib.SMTP_SSL("b.example.test", context=None if tls else context)
# expect: SD103 definite | smtplib.SMTP_SSL("c.example.test", context=several)
"""None where there is no TLS, or where there is."""

import smtplib
import ssl


def by_port(port):
    context = ssl.create_default_context() if port > 25 else None
    if port > 25:
        smtplib.SMTP_SSL("good.example.test", port, context=context)


def connect(tls, verified):
    context = None
    if tls:
        context = ssl.create_default_context()
    if tls and verified:
        smtplib.SMTP_SSL("good.example.test", None or 465, None, None, None, 10, None, context)
    if not tls:
        other = None
    else:
        other = ssl.create_default_context()
    if verified:
        smtplib.SMTP_SSL("a.example.test", context=other)
    if not (not tls or verified):
        smtplib.SMTP_SSL("good.example.test", context=other)
    if tls:
        smtplib.SMTP_SSL("good.example.test", context=ssl.create_default_context() if tls else None)
        smtplib.SMTP_SSL("b.example.test", context=None if tls else context)
    several = ssl.create_default_context() if tls and verified else None
    if tls or verified:
        smtplib.SMTP_SSL("c.example.test", context=several)

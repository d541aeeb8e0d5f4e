# expect: SD103 possible | smtplib.SMTP_SSL("a.example.test", context=getattr(settings, "TLS_CONTEXT", None))
import smtplib
import ssl

from our_project import settings

smtplib.SMTP_SSL("a.example.test", context=getattr(settings, "TLS_CONTEXT", None))
context = getattr(settings, "TLS_CONTEXT", None)
if context is None:
    context = ssl.create_default_context()
smtplib.SMTP_SSL("b.example.test", context=context)

# expect: SD102 definite | smtplib.SMTP_SSL("a.example.test", **dict(port=465, context=None))
# expect: SD103 definite | smtplib.SMTP_SSL("b.example.test", **dict(defaults, port=465))
# expect: SD402 definite | handler = dict(
import smtplib
import ssl
from collections import OrderedDict

from our_project import verified

defaults = OrderedDict(context=ssl.create_default_context() if verified else None)
smtplib.SMTP_SSL("a.example.test", **dict(port=465, context=None))
smtplib.SMTP_SSL("b.example.test", **dict(defaults, port=465))
name = {"class": "logging.handlers.SMTPHandler", "mailhost": "mail.example.test"}
handler = dict(name, secure=(), credentials=("user", "secret"))

# expect: nothing
import smtplib
import ssl
from functools import partial

connect = partial(smtplib.SMTP_SSL, context=ssl.create_default_context())
connect("mail.example.test")
other = partial(smtplib.SMTP_SSL, "mail.example.test")
other(context=ssl.create_default_context())

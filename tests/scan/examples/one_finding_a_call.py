# expect: SD102 definite | smtplib.SMTP_SSL(host, context=context)
import smtplib
import ssl


def connect(host, context=None):
    return smtplib.SMTP_SSL(host, context=context)


connect("a.example.test")
connect("b.example.test", ssl.create_default_context())
connect("c.example.test", ssl._create_unverified_context())

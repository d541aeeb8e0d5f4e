# expect: nothing
import smtplib
import ssl

options = dict(host="mail.example.test", context=ssl.create_default_context())
smtplib.SMTP_SSL(**options)
more = {"host": "mail.example.test"}
more["context"] = ssl.create_default_context()
smtplib.SMTP_SSL(**more)
merged = {**{"host": "mail.example.test"}, "context": ssl.create_default_context()}
smtplib.SMTP_SSL(**merged)
updated = {}
updated.update(context=ssl.create_default_context())
smtplib.SMTP_SSL("mail.example.test", **updated)


def connect(**kwargs):
    if "context" not in kwargs:
        kwargs["context"] = ssl.create_default_context()
    return smtplib.SMTP_SSL(**kwargs)

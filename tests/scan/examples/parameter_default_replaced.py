# expect: nothing
import smtplib
import ssl


def connect(host, context=None):
    if context is None:
        context = ssl.create_default_context()
    return smtplib.SMTP_SSL(host, context=context)


def other(host, context=None):
    context = context or ssl.create_default_context()
    return smtplib.SMTP_SSL(host, context=context)


def third(host, context=None):
    return smtplib.SMTP_SSL(host, context=ssl.create_default_context() if context is None else context)


def fourth(host, *, context=None):
    if not context:
        context = ssl.create_default_context()
    with smtplib.SMTP(host) as smtp:
        smtp.starttls(context=context)


connect("mail.example.test")
other("mail.example.test")
third("mail.example.test")
fourth("mail.example.test")

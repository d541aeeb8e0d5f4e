# expect: SD101 possible | smtplib.SMTP_SSL(host, **kwargs)
import smtplib


def connect(host, **kwargs):
    return smtplib.SMTP_SSL(host, **kwargs)

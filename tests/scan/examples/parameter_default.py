# expect: SD102 possible | smtplib.SMTP_SSL
import smtplib


def connect(host, context=None):
    return smtplib.SMTP_SSL(host, context=context)

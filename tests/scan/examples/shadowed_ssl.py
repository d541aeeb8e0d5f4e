# expect: SD101 definite | smtplib.SMTP_SSL
import smtplib


def connect(host, ssl=True):
    if ssl:
        return smtplib.SMTP_SSL(host)
    return smtplib.SMTP(host)

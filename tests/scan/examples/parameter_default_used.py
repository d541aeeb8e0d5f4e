# expect: SD102 definite | smtplib.SMTP_SSL
import smtplib


def connect(host, context=None):
    return smtplib.SMTP_SSL(host, context=context)


connect("mail.example.test")

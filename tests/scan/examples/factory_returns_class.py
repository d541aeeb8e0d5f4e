# expect: SD101 definite fixable | choose(True)("mail.example.test")
import smtplib


def choose(secure):
    return smtplib.SMTP_SSL if secure else smtplib.SMTP


choose(True)("mail.example.test")

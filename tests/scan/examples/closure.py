# expect: SD101 definite fixable | smtp.starttls()
import smtplib


def outer():
    smtp = smtplib.SMTP("mail.example.test")

    def inner():
        smtp.starttls()

    return inner

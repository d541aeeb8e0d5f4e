# expect: SD101 definite fixable | smtp.starttls()  # connect() has made it
import smtplib


def send():
    smtp = None

    def connect():
        nonlocal smtp
        smtp = smtplib.SMTP("mail.example.test")

    connect()
    smtp.starttls()  # connect() has made it


def unused():
    smtp = None

    def connect():
        nonlocal smtp
        smtp = smtplib.SMTP("mail.example.test")

    smtp.starttls()  # it fails before that
    connect()

# expect: SD101 definite fixable | smtp.starttls()
import smtplib


def send(progress=None, retries=3):
    smtp = smtplib.SMTP("mail.example.test")
    progress()
    retries.bit_length()
    smtp.starttls()

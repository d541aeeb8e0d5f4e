# expect: SD101 definite fixable | smtp.starttls()
import smtplib


def connect(host):
    smtp = smtplib.SMTP(host)
    return smtp


smtp = connect("mail.example.test")
smtp.starttls()

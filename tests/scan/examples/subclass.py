# expect: SD101 definite fixable | Quiet("mail.example.test")
import smtplib


class Quiet(smtplib.SMTP_SSL):
    debuglevel = 0


Quiet("mail.example.test")

# expect: SD101 definite | Noted("mail.example.test")
import smtplib


class Noted(smtplib.SMTP_SSL):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.note = True


Noted("mail.example.test")

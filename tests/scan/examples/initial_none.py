# expect: SD102 definite | smtplib.SMTP_SSL("a.example.test", context=self.never)
# expect: SD103 possible | smtplib.SMTP_SSL("b.example.test", context=self.context)
import smtplib
import ssl


class Mailer:
    def __init__(self):
        self.never = None
        self.context = None

    def prepare(self):
        self.context = ssl.create_default_context()

    def connect(self):
        smtplib.SMTP_SSL("a.example.test", context=self.never)
        smtplib.SMTP_SSL("b.example.test", context=self.context)

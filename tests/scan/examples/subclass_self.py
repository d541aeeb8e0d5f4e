# expect: SD101 definite fixable | self.starttls()
import smtplib


class Upgraded(smtplib.SMTP):
    def __init__(self, host):
        super().__init__(host)
        self.starttls()

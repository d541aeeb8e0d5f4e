# expect: SD201 definite | smtplib.SMTP_SSL
import smtplib
import ssl


class Mailer:
    def __init__(self):
        self.context = ssl.create_default_context()
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE

    def connect(self):
        return smtplib.SMTP_SSL("mail.example.test", context=self.context)

# expect: SD101 definite fixable | self.connection_class("mail.example.test")
import smtplib


class Mailer:
    connection_class = smtplib.SMTP_SSL

    def connect(self):
        return self.connection_class("mail.example.test")

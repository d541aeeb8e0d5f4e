# expect: SD101 definite | self.connection_class("mail.example.test")
import smtplib


class Mailer:
    connection_class = smtplib.SMTP

    def connect(self):
        return self.connection_class("mail.example.test")


class SecureMailer(Mailer):
    connection_class = smtplib.SMTP_SSL

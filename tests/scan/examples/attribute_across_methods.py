# expect: SD101 definite fixable | self.smtp.starttls()
import smtplib


class Mailer:
    smtp = None

    def send(self, message):
        self.connect()
        self.upgrade()
        self.smtp.send_message(message)

    def upgrade(self):
        self.smtp.starttls()

    def connect(self):
        self.smtp = smtplib.SMTP("mail.example.test")

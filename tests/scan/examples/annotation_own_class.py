# expect: SD101 definite fixable | mailer.smtp.starttls()
import smtplib


class Mailer:
    def __init__(self):
        self.smtp = smtplib.SMTP("mail.example.test")


def upgrade(mailer: Mailer):
    mailer.smtp.starttls()

# expect: SD101 definite fixable | smtp.starttls()
import smtplib


class Base:
    def send(self, message):
        with self as smtp:
            smtp.starttls()
            smtp.send_message(message)


class Plain(Base):
    def __enter__(self):
        return smtplib.SMTP("mail.example.test")


class Local(Base):
    def __enter__(self):
        return smtplib.SMTP("localhost")

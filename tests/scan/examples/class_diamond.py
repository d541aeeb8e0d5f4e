# expect: SD101 definite fixable | Both("a.example.test")
# expect: SD101 definite fixable | smtp.starttls()
import smtplib


class Base:
    def send(self):
        with self as smtp:
            smtp.starttls()


class Left(Base):
    pass


class Right(Base):
    def __enter__(self):
        return smtplib.SMTP("mail.example.test")


class Both(Left, Right, smtplib.SMTP_SSL):
    pass


Both("a.example.test")

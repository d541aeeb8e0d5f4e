# expect: SD101 definite fixable | self.smtp.starttls()
import smtplib
from dataclasses import dataclass


@dataclass
class Mailer:
    smtp: object

    def __post_init__(self):
        self.smtp.starttls()


Mailer(smtplib.SMTP("mail.example.test"))

# expect: SD101 definite fixable | self.smtp.starttls()
# expect: SD101 definite fixable | self.other.starttls()
# expect: SD102 definite | smtplib.SMTP_SSL("a.example.test", context=self.context)
import smtplib
from dataclasses import dataclass, field

import attr


@dataclass
class Mailer:
    smtp: object = field(default_factory=lambda: smtplib.SMTP("mail.example.test"))
    context: object = field(default=None)
    name: str = field()

    def upgrade(self):
        self.smtp.starttls()
        smtplib.SMTP_SSL("a.example.test", context=self.context)


@attr.s
class Other:
    other = attr.ib(factory=None, default=smtplib.SMTP("mail.example.test"))

    def upgrade(self):
        self.other.starttls()

# expect: SD101 definite fixable | super().__init__(host)
# expect: SD101 definite fixable | super().starttls()
import smtplib

from our_project import Mixin


class Upgraded(smtplib.SMTP):
    def __new__(cls, host):
        made = super().__new__(cls)
        made.timeout = 10
        return made

    def begin(self):
        super().starttls()


class Implicit(smtplib.SMTP_SSL):
    def __init__(self, host):
        super().__init__(host)


class Strange(Mixin):
    def __init__(self, host):
        super().__init__(host)


Implicit("mail.example.test")
Strange("mail.example.test")

# expect: SD201 definite | smtplib.SMTP_SSL(self.host, context=self.other)
"""What a property makes of what it is given."""

import smtplib
import ssl


class Mailer:
    def __init__(self, host):
        self.host = host
        self.context = None
        self.other = ssl.create_default_context()

    @property
    def context(self):
        return self._context

    @context.setter
    def context(self, value):
        self._context = ssl.create_default_context() if value is None else value

    @context.deleter
    def context(self):
        del self._context

    @property
    def other(self):
        return self._other

    @other.setter
    def other(self, value):
        self._other = ssl._create_unverified_context()

    def connect(self):
        smtplib.SMTP_SSL(self.host, context=self.context)
        smtplib.SMTP_SSL(self.host, context=self.other)

# expect: nothing
import smtplib
import ssl


class Mailer:
    def __init__(self):
        self._context = None

    @property
    def context(self):
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context

    def send(self):
        with smtplib.SMTP_SSL("mail.example.test", context=self.context) as smtp:
            smtp.noop()


class Other:
    def __init__(self):
        self.context = None

    def open(self):
        self.context = _make()
        smtplib.SMTP_SSL("mail.example.test", context=self.context)


def _make():
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


CONTEXT = _make()


def send():
    smtplib.SMTP_SSL("mail.example.test", context=CONTEXT)

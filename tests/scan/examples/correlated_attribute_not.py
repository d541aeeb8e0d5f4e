# expect: SD103 definite | when secure() has been called
# expect: SD103 definite | when replace() has been called
# expect: SD103 definite | when switch() has been called
# expect: SD103 definite | when its method has set it
"""One method makes a context if TLS is wanted, and whether it is wanted, or the context, is changed by another."""

import smtplib
import ssl

from somewhere import settings

USE_TLS = settings.use_tls
CONTEXT = ssl.create_default_context() if USE_TLS else None


class Switched:
    def __init__(self, host, tls):
        self.host = host
        self.tls = tls
        self.context = ssl.create_default_context() if self.tls else None

    def secure(self):
        self.tls = True

    def connect(self):
        connection = smtplib.SMTP(self.host)
        if self.tls:
            connection.starttls(context=self.context)  # when secure() has been called


class Replaced:
    def __init__(self, host, tls):
        self.host = host
        self.tls = tls
        self.context = ssl.create_default_context() if self.tls else None

    def replace(self):
        self.context = None

    def connect(self):
        connection = smtplib.SMTP(self.host)
        if self.tls:
            connection.starttls(context=self.context)  # when replace() has been called


class Called:
    def __init__(self, host, tls):
        self.host = host
        self.tls = tls

    def secure(self):
        self.tls = self.host.startswith("smtp")
        return ssl.create_default_context()

    def connect(self):
        context = None if not self.tls else ssl.create_default_context()
        connection = smtplib.SMTP(self.host)
        self.secure()
        if self.tls:
            connection.starttls(context=context)  # when its method has set it


def switch():
    global USE_TLS
    USE_TLS = True


def connect(host):
    connection = smtplib.SMTP(host)
    if USE_TLS:
        connection.starttls(context=CONTEXT)  # when switch() has been called

# expect: SD201 definite | smtplib.SMTP_SSL(settings.host, context=settings.tls_context())
# expect: SD201 definite | smtplib.SMTP_SSL(settings.host, context=settings.ssl_context)
"""An object of unknown kind has the context that the only class of the file with such a method has."""

import smtplib
import ssl


class Settings:
    def __init__(self, host):
        self.host = host
        self.ssl_context = ssl._create_unverified_context()

    def tls_context(self):
        return ssl.SSLContext(ssl.PROTOCOL_TLS)

    def good_context(self):
        return ssl.create_default_context()


class Other:
    def good_context(self):
        return ssl._create_unverified_context()


def send(settings):
    smtplib.SMTP_SSL(settings.host, context=settings.tls_context())
    smtplib.SMTP_SSL(settings.host, context=settings.ssl_context)
    smtplib.SMTP_SSL(settings.host, context=settings.good_context())

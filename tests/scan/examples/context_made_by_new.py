# expect: SD201 definite | smtplib.SMTP_SSL("a.example.test", context=Open())
"""What __new__ gives is what the object is."""

import smtplib
import ssl


class Strict(ssl.SSLContext):
    def __new__(cls):
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self):
        super().__init__()
        self.load_default_certs()


class Open(ssl.SSLContext):
    def __new__(cls):
        return super().__new__(cls, ssl.PROTOCOL_TLS)


smtplib.SMTP_SSL("mail.example.test", context=Strict())
smtplib.SMTP_SSL("a.example.test", context=Open())

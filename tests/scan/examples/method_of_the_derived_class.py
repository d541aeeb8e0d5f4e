# expect: SD101 definite fixable | self.client = self.client_class(self.host)  # of the other one
"""A method that a derived class inherits or overrides sees an object of that class."""

import imaplib
import smtplib
import ssl


class Session:
    def __init__(self, host):
        self.host = host

    def __enter__(self):
        return self.open()


class Imap(Session):
    client_class = imaplib.IMAP4_SSL

    def open(self):
        return self.client_class(self.host, ssl_context=ssl.create_default_context())


class Smtp(Session):
    client_class = smtplib.SMTP

    def open(self):
        client = self.client_class(self.host)
        client.starttls(context=ssl.create_default_context())
        return client


class Pop(Session):
    client_class = smtplib.SMTP_SSL

    def open(self):
        self.client = self.client_class(self.host)  # of the other one
        return self.client

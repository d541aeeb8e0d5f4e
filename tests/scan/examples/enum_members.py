# expect: SD101 definite | account.security.value.cls(account.host)
# expect: SD101 definite | mode.cls(host)
# expect: SD101 definite fixable | Mode.TLS.cls("a.example.test")
# expect: SD101 definite | each.cls("b.example.test")
"""A member of an Enum is an object of its class; its value is what was written."""

import enum
import imaplib
import smtplib
import ssl
from dataclasses import dataclass


class Entry:
    def __init__(self, cls):
        self.cls = cls


class Security(enum.Enum):
    STARTTLS = Entry(smtplib.SMTP)
    TLS = Entry(smtplib.SMTP_SSL)


@dataclass
class Account:
    host: str
    security: Security = Security.STARTTLS


def connect(account: Account):
    return account.security.value.cls(account.host)


class Mode(enum.Enum):
    PLAIN = (imaplib.IMAP4, 143)
    TLS = (imaplib.IMAP4_SSL, 993)

    def __init__(self, cls, port):
        self.cls = cls
        self.port = port


def by_value(host, value):
    mode = Mode(value)
    mode.cls(host)


def by_name(host):
    Mode.TLS.cls("a.example.test")
    Mode.PLAIN.cls(host)
    for each in Mode:
        each.cls("b.example.test")


class Trust(enum.Enum):
    SYSTEM = ssl.create_default_context()

    def connect(self, host):
        smtplib.SMTP_SSL(host, context=self.value)

# expect: SD101 definite fixable | traced.starttls()
# expect: SD101 definite fixable | Hub.instance().store.starttls()
"""Attributes that __getattr__ passes on; the one object that __new__ makes."""

import imaplib
import smtplib


class Traced:
    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        return getattr(self._inner, name)


class Hub(object):
    _instance = None

    def __new__(cls):
        if cls._instance is None:
            cls._instance = super(Hub, cls).__new__(cls)
            cls._instance.store = imaplib.IMAP4("imap.example.test")
        return cls._instance

    @classmethod
    def instance(cls):
        return cls()


def send():
    traced = Traced(smtplib.SMTP("mail.example.test"))
    traced.starttls()


def read():
    Hub.instance().store.starttls()

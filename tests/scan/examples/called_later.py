# expect: SD101 definite fixable | self.imap.starttls()
"""What is handed over to be called at the end has not been called yet."""

import contextlib
import imaplib


class Bot:
    def __init__(self):
        self.imap = None
        self.stack = contextlib.ExitStack()

    def drop(self):
        self.imap = None

    def open(self, host):
        self.imap = imaplib.IMAP4(host)
        self.stack.callback(self.drop)
        self.imap.starttls()

# kind: possible
# level: plain
# run: none (a library that nobody calls here)

"""A library: who calls it is not known."""

import imaplib


class MailBox:
    def __init__(self, host, port=993, ssl_context=None):
        self.client = imaplib.IMAP4_SSL(host, port, ssl_context=ssl_context)  # <- SD101|SD102|SD103 possible

    def login(self, user, password):
        self.client.login(user, password)

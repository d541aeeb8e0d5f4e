# expect: SD202 definite | return context.wrap_socket(self.raw, False, True, True)
"""wrap_socket() with all its arguments by position."""

import imaplib
import ssl


class Client(imaplib.IMAP4_SSL):
    def good(self, host):
        context = ssl.create_default_context()
        return context.wrap_socket(self.raw, False, True, True, host)

    def server(self):
        return ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).wrap_socket(self.raw, True)

    def unnamed(self):
        context = ssl.create_default_context()
        return context.wrap_socket(self.raw, False, True, True)

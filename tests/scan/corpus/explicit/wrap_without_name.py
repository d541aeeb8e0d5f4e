# kind: explicit
# level: plain
# run: imap-tls
# effect: broken

"""A verifying context that is not told whom to expect: ValueError for every server."""

import imaplib
import socket
import ssl
import sys


class Imap(imaplib.IMAP4):
    def _create_socket(self, timeout=None):
        context = ssl.create_default_context()
        return context.wrap_socket(socket.create_connection((self.host, self.port)))  # <- SD202


box = Imap(sys.argv[1], int(sys.argv[2]))
box.login(sys.argv[3], sys.argv[4])
box.logout()

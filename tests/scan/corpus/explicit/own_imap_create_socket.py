# kind: explicit
# level: inference
# run: imap-tls

import imaplib
import socket
import ssl
import sys


class Imap(imaplib.IMAP4):
    def __init__(self, host, port):
        self.context = ssl._create_stdlib_context()  # <- SD201
        super().__init__(host, port)

    def _create_socket(self, timeout=None):
        return self.context.wrap_socket(socket.create_connection((self.host, self.port)))  # <- SD201|SD202 any


box = Imap(sys.argv[1], int(sys.argv[2]))
box.login(sys.argv[3], sys.argv[4])
box.logout()

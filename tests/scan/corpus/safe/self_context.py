# kind: safe
# level: inference
# run: imap-tls

import imaplib
import ssl
import sys


class Client:
    def __init__(self, context=None):
        self.context = context or ssl.create_default_context()

    def open(self, host, port):
        return imaplib.IMAP4_SSL(host, port, ssl_context=self.context)


box = Client().open(sys.argv[1], int(sys.argv[2]))
box.login(sys.argv[3], sys.argv[4])
box.logout()

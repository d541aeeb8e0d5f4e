# kind: default
# level: inference
# run: imap-tls

import imaplib
import sys


class Transport:
    client_class = imaplib.IMAP4_SSL

    def __init__(self, host, port):
        self.client = self.client_class(host, port)  # <- SD101

    def login(self, user, password):
        self.client.login(user, password)
        self.client.logout()


Transport(sys.argv[1], int(sys.argv[2])).login(sys.argv[3], sys.argv[4])

# kind: default
# level: inference
# run: imap-tls

import imaplib
import sys


class Account:
    ssl = True

    def open(self, host, port):
        return (imaplib.IMAP4_SSL if self.ssl else imaplib.IMAP4)(host, port)  # <- SD101


box = Account().open(sys.argv[1], int(sys.argv[2]))
box.login(sys.argv[3], sys.argv[4])
box.logout()

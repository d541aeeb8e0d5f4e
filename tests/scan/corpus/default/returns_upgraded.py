# kind: default
# level: inference
# run: imap-starttls

import imaplib
import sys


class Imap:
    def __init__(self, ssl=False):
        self.ssl = ssl

    def connect(self):
        if self.ssl:
            conn = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]))  # <- SD101
        else:
            conn = imaplib.IMAP4(sys.argv[1], int(sys.argv[2]))
            conn.starttls()  # <- SD101
        return conn

    def run(self):
        conn = self.connect()
        conn.login(sys.argv[3], sys.argv[4])
        conn.logout()


Imap().run()

# kind: default
# level: inference
# run: imap-tls

import imaplib
import sys


class Box(imaplib.IMAP4_SSL):
    def __init__(self, host, port, folder="INBOX"):
        self.folder = folder
        imaplib.IMAP4_SSL.__init__(self, host, port)  # <- SD101

    def __enter__(self):
        super(Box, self).__enter__()
        return self


with Box(sys.argv[1], int(sys.argv[2])) as box:
    box.login(sys.argv[3], sys.argv[4])

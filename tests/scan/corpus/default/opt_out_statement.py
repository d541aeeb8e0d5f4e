# kind: default
# level: inference
# run: imap-starttls

import imaplib
import os
import ssl
import sys


def connect(host, port, verify):
    context = None
    if verify:
        context = ssl.create_default_context()
    imap = imaplib.IMAP4(host, port)
    imap.starttls(context)  # <- SD103 any
    return imap


imap = connect(sys.argv[1], int(sys.argv[2]), "VERIFY" in os.environ)
imap.login(sys.argv[3], sys.argv[4])
imap.logout()

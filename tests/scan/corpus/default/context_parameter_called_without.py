# kind: default
# level: flow
# run: imap-tls

import imaplib
import sys


def connect(host, port, context=None):
    return imaplib.IMAP4_SSL(host, port, ssl_context=context)  # <- SD101|SD102|SD103 any


box = connect(sys.argv[1], int(sys.argv[2]))
box.login(sys.argv[3], sys.argv[4])
box.logout()

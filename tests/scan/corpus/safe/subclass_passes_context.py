# kind: safe
# level: inference
# run: imap-tls

import imaplib
import ssl
import sys


class Box(imaplib.IMAP4_SSL):
    def __init__(self, host, port):
        super().__init__(host, port, ssl_context=ssl.create_default_context())


box = Box(sys.argv[1], int(sys.argv[2]))
box.login(sys.argv[3], sys.argv[4])
box.logout()

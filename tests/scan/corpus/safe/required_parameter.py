# kind: safe
# level: inference
# run: imap-tls

import imaplib
import ssl
import sys


def connect(host, port, context: ssl.SSLContext) -> imaplib.IMAP4_SSL:
    return imaplib.IMAP4_SSL(host, port, ssl_context=context)


box = connect(sys.argv[1], int(sys.argv[2]), ssl.create_default_context())
box.login(sys.argv[3], sys.argv[4])
box.logout()

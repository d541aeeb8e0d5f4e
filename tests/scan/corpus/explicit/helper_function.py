# kind: explicit
# level: inference
# run: imap-tls

import imaplib
import ssl
import sys


def insecure_context():
    context = ssl.create_default_context()
    context.check_hostname = False  # <- SD201 ctx
    context.verify_mode = ssl.CERT_NONE  # <- SD201 ctx
    return context  # <- SD201 ctx


box = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]), ssl_context=insecure_context())  # <- SD201 ctx
box.login(sys.argv[3], sys.argv[4])
box.logout()

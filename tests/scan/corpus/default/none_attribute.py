# kind: default
# level: flow
# run: imap-tls

import imaplib
import sys


class Settings:
    TLS_CONTEXT = None
    TIMEOUT = 10


box = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]), ssl_context=Settings.TLS_CONTEXT)  # <- SD102
box.login(sys.argv[3], sys.argv[4])
box.logout()

# kind: explicit
# level: plain
# run: imap-tls

import imaplib
import ssl
import sys

box = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]), ssl_context=ssl._create_stdlib_context())  # <- SD201
box.login(sys.argv[3], sys.argv[4])
box.logout()

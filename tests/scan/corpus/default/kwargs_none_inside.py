# kind: default
# level: inference
# run: imap-tls

import imaplib
import sys

box = imaplib.IMAP4_SSL(**{"host": sys.argv[1], "port": int(sys.argv[2]), "ssl_context": None})  # <- SD102
box.login(sys.argv[3], sys.argv[4])
box.logout()

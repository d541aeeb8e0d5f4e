# kind: default
# level: flow
# run: imap-tls

import imaplib
import sys

box = getattr(imaplib, "IMAP4_SSL")(sys.argv[1], int(sys.argv[2]))  # <- SD101
box.login(sys.argv[3], sys.argv[4])
box.logout()

# kind: default
# level: inference
# run: imap-tls

import sys

try:
    from imaplib import IMAP4_SSL
except ImportError:
    IMAP4_SSL = None

if IMAP4_SSL is None:
    sys.exit("this Python has no ssl")
box = IMAP4_SSL(sys.argv[1], int(sys.argv[2]))  # <- SD101
box.login(sys.argv[3], sys.argv[4])
box.logout()

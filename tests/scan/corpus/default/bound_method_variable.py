# kind: default
# level: flow
# run: imap-starttls

import imaplib
import sys

imap = imaplib.IMAP4(sys.argv[1], int(sys.argv[2]))
upgrade = imap.starttls  # <- SD101 upgrade
if "STARTTLS" in imap.capabilities:
    upgrade()  # <- SD101 upgrade
imap.login(sys.argv[3], sys.argv[4])
imap.logout()

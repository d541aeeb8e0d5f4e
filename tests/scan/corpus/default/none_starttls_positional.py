# kind: default
# level: plain
# run: imap-starttls

import imaplib
import sys

imap = imaplib.IMAP4(sys.argv[1], int(sys.argv[2]))
imap.starttls(None)  # <- SD102
imap.login(sys.argv[3], sys.argv[4])
imap.logout()

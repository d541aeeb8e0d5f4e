# kind: explicit
# level: plain
# run: imap-starttls

import imaplib
import sys
from ssl import _create_unverified_context

imap = imaplib.IMAP4(sys.argv[1], int(sys.argv[2]))
imap.starttls(_create_unverified_context())  # <- SD201
imap.login(sys.argv[3], sys.argv[4])
imap.logout()

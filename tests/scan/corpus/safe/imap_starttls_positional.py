# kind: safe
# level: plain
# run: imap-starttls

import imaplib
import ssl
import sys

imap = imaplib.IMAP4(sys.argv[1], int(sys.argv[2]))
imap.starttls(ssl.create_default_context())
imap.login(sys.argv[3], sys.argv[4])
imap.logout()

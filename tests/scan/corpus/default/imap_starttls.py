# kind: default
# level: plain
# run: imap-starttls

import imaplib
import sys

connection = imaplib.IMAP4(sys.argv[1], int(sys.argv[2]))
connection.starttls()  # <- SD101
typ, data = connection.login(sys.argv[3], sys.argv[4])
assert typ == "OK"
connection.select(readonly=True)
connection.logout()

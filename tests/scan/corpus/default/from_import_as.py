# kind: default
# level: plain
# run: imap-tls

import sys
from imaplib import IMAP4_SSL as Imap

client = Imap(sys.argv[1], int(sys.argv[2]))  # <- SD101
client.login(sys.argv[3], sys.argv[4])
client.logout()

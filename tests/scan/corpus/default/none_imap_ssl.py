# kind: default
# level: plain
# run: imap-tls

from imaplib import IMAP4_SSL
from sys import argv

box = IMAP4_SSL(argv[1], argv[2], ssl_context=None, timeout=10)  # <- SD102
box.login(argv[3], argv[4])
box.logout()

# kind: safe
# level: plain
# run: imap-tls
# python: <3.12

import imaplib
import ssl
import sys

box = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]), None, None, ssl.create_default_context())
box.login(sys.argv[3], sys.argv[4])
box.logout()

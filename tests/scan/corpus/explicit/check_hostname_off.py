# kind: explicit
# level: plain
# run: imap-tls
# server: wrong-host

import imaplib
import ssl
import sys

context = ssl.create_default_context()
context.check_hostname = False  # <- SD201 ctx
box = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]), ssl_context=context)  # <- SD201 ctx
box.login(sys.argv[3], sys.argv[4])
box.logout()

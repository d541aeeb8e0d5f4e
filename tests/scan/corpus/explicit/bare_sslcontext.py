# kind: explicit
# level: plain
# run: imap-tls

import imaplib
import ssl
import sys

ctx = ssl.SSLContext()  # <- SD201 ctx
box = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]), ssl_context=ctx)  # <- SD201 ctx
box.login(sys.argv[3], sys.argv[4])
box.logout()

# kind: explicit
# level: inference
# run: imap-tls

import imaplib
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS)  # <- SD201 ctx
context.load_default_certs()
box = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]), ssl_context=context)  # <- SD201 ctx
box.login(sys.argv[3], sys.argv[4])
box.logout()

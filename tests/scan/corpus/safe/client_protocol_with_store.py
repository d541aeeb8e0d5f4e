# kind: safe
# level: plain
# run: imap-tls

import imaplib
import os
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(cafile=os.environ["SSL_CERT_FILE"])
box = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]), ssl_context=context)
box.login(sys.argv[3], sys.argv[4])
box.logout()

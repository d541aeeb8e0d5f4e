# kind: default
# level: plain
# run: imap-tls

import imaplib
import ssl as tls
import sys

try:
    box = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]))  # <- SD101
    box.login(sys.argv[3], sys.argv[4])
    box.logout()
except tls.SSLError as e:
    sys.exit("TLS: %s" % e)

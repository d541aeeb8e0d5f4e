# kind: safe
# level: inference
# run: imap-tls

import imaplib
import ssl
import sys

options = dict(host=sys.argv[1], port=int(sys.argv[2]))
options["ssl_context"] = ssl.create_default_context()
with imaplib.IMAP4_SSL(**options) as box:
    box.login(sys.argv[3], sys.argv[4])

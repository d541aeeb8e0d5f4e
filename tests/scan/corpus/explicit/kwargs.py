# kind: explicit
# level: inference
# run: imap-tls

import imaplib
import ssl
import sys

options = {"host": sys.argv[1], "port": int(sys.argv[2])}
options["ssl_context"] = ssl._create_unverified_context()  # <- SD201 ctx
box = imaplib.IMAP4_SSL(**options)  # <- SD201 ctx
box.login(sys.argv[3], sys.argv[4])
box.logout()

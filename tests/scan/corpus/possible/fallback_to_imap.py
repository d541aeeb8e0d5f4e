# kind: possible
# level: plain
# run: imap-starttls
# effect: clear

import imaplib
import ssl
import sys

try:
    box = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]), ssl_context=ssl.create_default_context(), timeout=2)  # <- SD302 possible fallback
except Exception:  # <- SD302 possible fallback
    box = imaplib.IMAP4(sys.argv[1], int(sys.argv[2]))  # <- SD302 possible fallback
box.login(sys.argv[3], sys.argv[4])
box.logout()

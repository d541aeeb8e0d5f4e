# kind: default
# level: plain
# run: imap-tls

import imaplib
import sys

print(str(repr(imaplib.IMAP4_SSL(str(sys.argv[1]), int(str(sys.argv[2]))).login(sys.argv[3], sys.argv[4]))))  # <- SD101

# kind: default
# level: plain
# run: imap-tls

import imaplib
import sys

名前 = "日本語"; 箱 = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2])); 箱.login(sys.argv[3], sys.argv[4])  # <- SD101
箱.logout()

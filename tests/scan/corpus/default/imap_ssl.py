# kind: default
# level: plain
# run: imap-tls

import imaplib
import sys

mail = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]))  # <- SD101
mail.login(sys.argv[3], sys.argv[4])
mail.select("INBOX")
typ, data = mail.search(None, "UNSEEN")
mail.logout()

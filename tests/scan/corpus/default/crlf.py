# kind: default
# level: plain
# run: imap-tls

import imaplib
import sys

# made with an editor of another system
def fetch(host, port):
    box = imaplib.IMAP4_SSL(host,
                            port)  # <- SD101
    box.login(sys.argv[3], sys.argv[4])
    box.logout()

fetch(sys.argv[1], int(sys.argv[2]))

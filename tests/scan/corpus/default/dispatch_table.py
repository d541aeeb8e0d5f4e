# kind: default
# level: flow
# run: imap-tls

import imaplib
import poplib
import sys

CLIENTS = {
    "imap": imaplib.IMAP4,
    "imaps": imaplib.IMAP4_SSL,
    "pop": poplib.POP3,
    "pops": poplib.POP3_SSL,
}

scheme = "imaps"
client = CLIENTS[scheme](sys.argv[1], int(sys.argv[2]))  # <- SD101
client.login(sys.argv[3], sys.argv[4])
client.logout()

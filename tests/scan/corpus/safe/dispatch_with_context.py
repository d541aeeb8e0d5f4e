# kind: safe
# level: flow
# run: imap-tls

import imaplib
import ssl
import sys

OPENERS = {
    "plain": lambda host, port: imaplib.IMAP4(host, port),
    "ssl": lambda host, port: imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context()),
}
box = OPENERS["ssl"](sys.argv[1], int(sys.argv[2]))
box.login(sys.argv[3], sys.argv[4])
box.logout()

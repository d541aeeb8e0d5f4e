# kind: default
# level: flow
# run: imap-tls

import imaplib
import sys


def options():
    return dict(host=sys.argv[1], port=int(sys.argv[2]))


kwargs = dict(timeout=10)
kwargs["host"] = sys.argv[1]
kwargs.update(port=int(sys.argv[2]))
box = imaplib.IMAP4_SSL(**kwargs)  # <- SD101
box.login(sys.argv[3], sys.argv[4])
box.logout()

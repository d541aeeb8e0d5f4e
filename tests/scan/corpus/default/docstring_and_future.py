# kind: default
# level: plain
# run: imap-tls

"""A script with everything that may stand before the first import."""

# and a comment
from __future__ import annotations

__author__ = "somebody"

import imaplib
import sys


def check(host: str, port: int) -> imaplib.IMAP4_SSL:
    return imaplib.IMAP4_SSL(host, port)  # <- SD101


box = check(sys.argv[1], int(sys.argv[2]))
box.login(sys.argv[3], sys.argv[4])
box.logout()

# kind: safe
# level: inference
# run: imap-tls

import ssl
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imaplib import IMAP4_SSL


def open_box() -> "IMAP4_SSL":
    import imaplib

    return imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]), ssl_context=ssl.create_default_context())


box: "IMAP4_SSL" = open_box()
box.login(sys.argv[3], sys.argv[4])
box.logout()

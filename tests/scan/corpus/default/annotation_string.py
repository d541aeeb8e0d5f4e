# kind: default
# level: inference
# run: imap-starttls

import sys
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    import imaplib


class Session:
    def __init__(self, connection: "Optional[imaplib.IMAP4]" = None):
        self.connection = connection

    def begin(self, user, password):
        self.connection.starttls()  # <- SD101
        self.connection.login(user, password)


def main():
    from imaplib import IMAP4

    session = Session(IMAP4(sys.argv[1], int(sys.argv[2])))
    session.begin(sys.argv[3], sys.argv[4])
    session.connection.logout()


main()

# kind: explicit
# level: flow
# run: imap-tls

import imaplib
import ssl
import sys
from dataclasses import dataclass, field


@dataclass
class Account:
    host: str
    port: int
    context: ssl.SSLContext = field(default_factory=ssl._create_unverified_context)  # <- SD201 ctx

    def open(self):
        return imaplib.IMAP4_SSL(self.host, self.port, ssl_context=self.context)  # <- SD201 ctx


box = Account(sys.argv[1], int(sys.argv[2])).open()
box.login(sys.argv[3], sys.argv[4])
box.logout()

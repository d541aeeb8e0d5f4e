# expect: SD101 definite fixable | server.starttls()
# expect: SD101 definite fixable | store.starttls()
# expect: SD101 definite fixable | kept.starttls()
"""An empty container is for what its annotation says, or for what is put into it under any key."""

from imaplib import IMAP4
from smtplib import SMTP
from typing import Dict, List


class Cluster:
    def __init__(self) -> None:
        self.outgoing: List[SMTP] = []
        self.stores: Dict[str, IMAP4] = {}
        self.others = {}

    def secure(self) -> None:
        for server in self.outgoing:
            server.starttls()
        for _, store in self.stores.items():
            store.starttls()

    def get(self, host):
        return self.others.setdefault(host, SMTP(host))

    def secure_others(self):
        for kept in self.others.values():
            kept.starttls()

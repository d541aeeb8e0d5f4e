# kind: default
# level: flow
# run: imap-tls

import imaplib
import sys


class Source:
    ssl = True

    def open(self, host, port):
        if self.ssl:
            name = "IMAP4_SSL"
        else:
            name = "IMAP4"
        klass = getattr(imaplib, name)
        return klass(host, port)  # <- SD101


box = Source().open(sys.argv[1], int(sys.argv[2]))
box.login(sys.argv[3], sys.argv[4])
box.logout()

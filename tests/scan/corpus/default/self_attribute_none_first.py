# kind: default
# level: inference
# run: imap-starttls

import imaplib
import sys


class Watcher:
    connection = None

    def __init__(self):
        self.connection = None

    def connect(self, host, port, user, password):
        if self.connection is None:
            self.connection = imaplib.IMAP4(host, port)
            self.connection.starttls()  # <- SD101
        self.connection.login(user, password)

    def disconnect(self):
        if self.connection is not None:
            self.connection.logout()
            self.connection = None


watcher = Watcher()
watcher.connect(*sys.argv[1:5])
watcher.disconnect()

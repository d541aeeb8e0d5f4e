# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys


class Backend:
    def __init__(self):
        self._connection = None

    @property
    def connection(self):
        if self._connection is None:
            self._connection = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
        return self._connection

    def login(self):
        self.connection.starttls()  # <- SD101
        self.connection.login(sys.argv[3], sys.argv[4])
        self.connection.quit()


Backend().login()

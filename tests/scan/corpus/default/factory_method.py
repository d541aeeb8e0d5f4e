# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys


class Notifier:
    def __init__(self, host, port):
        self._address = host, port

    def _open(self):
        server = smtplib.SMTP(*self._address)
        return server

    def notify(self, user, password):
        server = self._open()
        server.starttls()  # <- SD101
        server.login(user, password)
        server.quit()


Notifier(sys.argv[1], int(sys.argv[2])).notify(sys.argv[3], sys.argv[4])

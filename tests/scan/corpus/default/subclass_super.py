# kind: default
# level: inference
# run: smtp-tls

import smtplib
import sys


class Relay(smtplib.SMTP_SSL):
    def __init__(self, host, port):
        super().__init__(host, port, timeout=15)  # <- SD101

    def hand_over(self, user, password):
        self.login(user, password)
        self.quit()


Relay(sys.argv[1], int(sys.argv[2])).hand_over(*sys.argv[3:5])

# kind: default
# level: flow
# run: smtp-tls

import smtplib
import sys


def send(host, port, factory=smtplib.SMTP_SSL):
    server = factory(host, port)  # <- SD101
    server.login(sys.argv[3], sys.argv[4])
    server.quit()


send(sys.argv[1], int(sys.argv[2]))

# kind: default
# level: plain
# run: smtp-tls

"""The parameter has the name of the module."""

import smtplib
import sys


def connect(host, port, ssl=True, tls=False):
    if ssl:
        server = smtplib.SMTP_SSL(host, port)  # <- SD101
    else:
        server = smtplib.SMTP(host, port)
    if tls:
        server.starttls()  # <- SD101
    return server


server = connect(sys.argv[1], int(sys.argv[2]))
server.login(sys.argv[3], sys.argv[4])
server.quit()

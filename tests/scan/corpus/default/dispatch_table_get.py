# kind: default
# level: flow
# run: smtp-tls

import smtplib
import sys

PROTOCOLS = dict(plain=smtplib.SMTP, ssl=smtplib.SMTP_SSL)


def open_server(security, host, port):
    cls = PROTOCOLS.get(security)
    if cls is None:
        raise ValueError(security)
    return cls(host, port)  # <- SD101


s = open_server("ssl", sys.argv[1], int(sys.argv[2]))
s.login(sys.argv[3], sys.argv[4])
s.quit()

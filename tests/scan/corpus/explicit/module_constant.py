# kind: explicit
# level: inference
# run: smtp-tls

import ssl
import sys
from smtplib import SMTP_SSL

SSL_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS)  # <- SD201 ctx


def connect():
    return SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=SSL_CONTEXT)  # <- SD201 ctx


server = connect()
server.login(sys.argv[3], sys.argv[4])
server.quit()

# kind: explicit
# level: flow
# run: smtp-tls

import smtplib
import ssl
import sys


class Relaxed(ssl.SSLContext):
    pass


smtp = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=Relaxed(ssl.PROTOCOL_TLS))  # <- SD201
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

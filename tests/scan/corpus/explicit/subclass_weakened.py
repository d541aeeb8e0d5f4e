# kind: explicit
# level: flow
# run: smtp-tls

import smtplib
import ssl
import sys


class Relaxed(ssl.SSLContext):
    def __init__(self, protocol):
        super().__init__()
        self.check_hostname = False
        self.verify_mode = ssl.CERT_NONE


smtp = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=Relaxed(ssl.PROTOCOL_TLS_CLIENT))  # <- SD201
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

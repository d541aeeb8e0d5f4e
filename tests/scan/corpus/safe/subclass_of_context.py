# kind: safe
# level: flow
# run: smtp-tls

import smtplib
import ssl
import sys


class Strict(ssl.SSLContext):
    def __init__(self, protocol):
        super().__init__()
        self.minimum_version = ssl.TLSVersion.TLSv1_2
        self.load_default_certs()


smtp = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=Strict(ssl.PROTOCOL_TLS_CLIENT))
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

# kind: explicit
# level: flow
# run: smtp-tls
# effect: broken

"""A context for a client's certificate, which trusts nobody."""

import os
import smtplib
import ssl
import sys


class Mailer:
    def __init__(self, certificate):
        self.certificate = certificate

    @property
    def context(self):
        context = ssl.SSLContext(protocol=ssl.PROTOCOL_TLS_CLIENT)  # <- SD201 ctx
        if self.certificate:
            context.load_cert_chain(self.certificate)
        return context

    def connect(self, host, port):
        options = {"timeout": 30}
        options["context"] = self.context
        return smtplib.SMTP_SSL(host, port, **options)  # <- SD201 ctx


smtp = Mailer(os.environ.get("CLIENT_CERTIFICATE")).connect(sys.argv[1], int(sys.argv[2]))
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

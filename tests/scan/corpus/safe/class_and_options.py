# kind: safe
# level: flow
# run: smtp-tls

import smtplib
import ssl
import sys


class Mailer:
    def __init__(self, use_ssl):
        self.use_ssl = use_ssl

    @property
    def connection_class(self):
        return smtplib.SMTP_SSL if self.use_ssl else smtplib.SMTP

    def connect(self, host, port):
        options = {"timeout": 30}
        if self.use_ssl:
            options["context"] = ssl.create_default_context()
        return self.connection_class(host, port, **options)


smtp = Mailer(len(sys.argv) > 1).connect(sys.argv[1], int(sys.argv[2]))
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

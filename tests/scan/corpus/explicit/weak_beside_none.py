# kind: explicit
# level: flow
# run: smtp-starttls

"""What the user gives is a context already, or something to make one of."""

import os
import smtplib
import ssl
import sys


class Mailer:
    def __init__(self, secure):
        self.secure = self.adapt(secure)

    def adapt(self, secure):
        if secure is None or isinstance(secure, ssl.SSLContext):
            return secure
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # <- SD201 any ctx
        context.verify_mode = ssl.CERT_NONE  # <- SD201 any ctx
        if secure[0]:
            context.load_cert_chain(*secure)
        return context

    def connect(self, host, port):
        context = self.secure if isinstance(self.secure, ssl.SSLContext) else None
        smtp = smtplib.SMTP(host, port)
        smtp.starttls(context=context)  # <- SD103 any
        return smtp


smtp = Mailer((os.environ.get("CLIENT_CERTIFICATE"), os.environ.get("CLIENT_KEY"))).connect(
    sys.argv[1], int(sys.argv[2])
)
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

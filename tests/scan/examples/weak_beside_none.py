# expect: SD103 definite | smtplib.SMTP_SSL("a.example.test", context=chosen)
# expect: SD201 definite | chosen = ssl._create_unverified_context()
# expect: SD103 definite | smtp.starttls(context=self.secure if isinstance(self.secure, ssl.SSLContext) else None)
# expect: SD201 definite | context.check_hostname = False
import smtplib
import ssl


def connect(certificate):
    chosen = None
    if certificate:
        chosen = ssl._create_unverified_context()
        chosen.load_cert_chain(certificate)
    smtplib.SMTP_SSL("a.example.test", context=chosen)


class Mailer:
    def __init__(self, secure):
        self.secure = self.adapt(secure)

    def adapt(self, secure):
        if isinstance(secure, ssl.SSLContext):
            return secure
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(*secure)
        return context

    def connect(self):
        smtp = smtplib.SMTP("b.example.test")
        smtp.starttls(context=self.secure if isinstance(self.secure, ssl.SSLContext) else None)

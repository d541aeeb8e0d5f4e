# expect: SD201 possible | self.connection_class("mail.example.test", **options)
"""As Django has it: what remains is that the context trusts nobody."""

import smtplib
import ssl


class Backend:
    @property
    def connection_class(self):
        return smtplib.SMTP_SSL if self.use_ssl else smtplib.SMTP

    @property
    def context(self):
        if self.certificate:
            context = ssl.SSLContext(protocol=ssl.PROTOCOL_TLS_CLIENT)
            context.load_cert_chain(self.certificate)
            return context
        return ssl.create_default_context()

    def connect(self):
        options = {"timeout": 10}
        if self.use_ssl:
            options["context"] = self.context
        return self.connection_class("mail.example.test", **options)

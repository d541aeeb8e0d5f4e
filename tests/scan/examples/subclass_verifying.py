# expect: nothing
import smtplib
import ssl


class Verifying(smtplib.SMTP):
    def starttls(self, context=None, **kwargs):
        if context is None:
            context = ssl.create_default_context()
        return super().starttls(context=context, **kwargs)


class VerifyingSSL(smtplib.SMTP_SSL):
    def __init__(self, *args, **kwargs):
        kwargs.setdefault("context", ssl.create_default_context())
        super().__init__(*args, **kwargs)


Verifying("mail.example.test").starttls()
VerifyingSSL("mail.example.test")

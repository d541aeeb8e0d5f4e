# expect: SD101 possible | super().__init__(*arguments, **options)
import smtplib
import ssl


class Noted(smtplib.SMTP_SSL):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)


Noted("mail.example.test", context=ssl.create_default_context())


class Unused(smtplib.SMTP_SSL):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)

# expect: SD103 possible | cls(host, **options)
import smtplib
import ssl


def connect(host, secure):
    cls = smtplib.SMTP_SSL if secure else smtplib.SMTP
    options = {"timeout": 10}
    if secure:
        options["context"] = ssl.create_default_context()
    return cls(host, **options)

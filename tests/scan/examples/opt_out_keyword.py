# expect: SD103 definite | smtplib.SMTP_SSL(**options)
import smtplib
import ssl


def connect(verify):
    options = {"host": "mail.example.test"}
    if verify:
        options["context"] = ssl.create_default_context()
    return smtplib.SMTP_SSL(**options)

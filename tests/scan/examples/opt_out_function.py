# expect: SD103 definite | smtplib.SMTP_SSL
import smtplib
import ssl


def make_context(kind):
    if kind == "default":
        return ssl.create_default_context()
    elif kind == "none":
        return None
    raise ValueError(kind)


def connect(kind):
    return smtplib.SMTP_SSL("mail.example.test", context=make_context(kind))

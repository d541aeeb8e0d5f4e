# expect: SD201 definite | smtplib.SMTP_SSL
import smtplib
import ssl


def make_context(verify=True):
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def connect():
    return smtplib.SMTP_SSL("mail.example.test", context=make_context(verify=False))

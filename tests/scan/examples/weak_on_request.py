# expect: SD201 possible | smtplib.SMTP_SSL
import smtplib
import ssl


def connect(verify=True):
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return smtplib.SMTP_SSL("mail.example.test", context=context)

# expect: SD103 definite | context=ssl.create_default_context() if verify else None
import smtplib
import ssl


def connect(verify):
    return smtplib.SMTP_SSL("mail.example.test", context=ssl.create_default_context() if verify else None)

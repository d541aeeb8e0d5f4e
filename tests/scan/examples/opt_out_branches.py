# expect: SD103 definite | smtp.starttls(context=context)
import smtplib
import ssl


def connect(settings):
    if settings["verify"]:
        context = ssl.create_default_context()
    else:
        context = None
    smtp = smtplib.SMTP("mail.example.test")
    smtp.starttls(context=context)
    return smtp

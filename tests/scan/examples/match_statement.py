# expect: SD101 definite | cls("mail.example.test")
import smtplib


def connect(kind):
    match kind:
        case "ssl":
            cls = smtplib.SMTP_SSL
        case _:
            cls = smtplib.SMTP
    return cls("mail.example.test")

# expect: SD101 definite | (smtplib.SMTP_SSL if secure else smtplib.SMTP)(host)
# expect: SD101 definite | cls(host)
import smtplib


def connect(host, secure):
    (smtplib.SMTP_SSL if secure else smtplib.SMTP)(host)
    cls = smtplib.SMTP
    if secure:
        cls = smtplib.SMTP_SSL
    return cls(host)

# expect: SD101 definite fixable | partial(smtplib.SMTP_SSL, "a.example.test")
# expect: SD101 definite fixable | smtplib.SMTP_SSL(host)
import smtplib
from functools import partial


def connect(host):
    return smtplib.SMTP_SSL(host)


def makers(arguments):
    return [partial(smtplib.SMTP_SSL, "a.example.test"), partial(connect, "b.example.test"), partial(*arguments)]

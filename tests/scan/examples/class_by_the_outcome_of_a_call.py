# expect: SD103 possible | again(uri.hostname, **extra)
"""One call of a test decides on the class and on its context; another call need not come out the same."""

import smtplib
import ssl


def connect(uri):
    extra = {}
    if uri.scheme.startswith("smtps"):
        connector = smtplib.SMTP_SSL
        extra["context"] = ssl.create_default_context()
    else:
        connector = smtplib.SMTP
    connector(uri.hostname, **extra)
    again = smtplib.SMTP_SSL if uri.scheme.startswith("smtps") else smtplib.SMTP
    again(uri.hostname, **extra)

# expect: SD101 definite | step()
"""The same line calls another method, too, which takes no context."""

import smtplib


def connect(host):
    smtp = smtplib.SMTP(host)
    for step in (smtp.ehlo, smtp.starttls):
        step()

# expect: SD101 definite fixable | typing.cast("smtplib.SMTP", thing).starttls()
import smtplib
import typing


def upgrade(thing):
    typing.cast("smtplib.SMTP", thing).starttls()

# expect: SD101 definite fixable | thing.starttls()
import smtplib


def upgrade(thing):
    if isinstance(thing, smtplib.SMTP):
        thing.starttls()

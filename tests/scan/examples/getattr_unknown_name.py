# expect: SD101 possible | getattr(smtplib, name)("a.example.test")
# expect: SD101 definite fixable | smtplib.SMTP_SSL("c.example.test")
import smtplib

from our_project import settings


def connect(name):
    getattr(smtplib, name)("a.example.test")
    getattr(settings, name)("b.example.test")
    getattr(*name)
    getattr(smtplib, 7)
    smtplib.SMTP_SSL("c.example.test")

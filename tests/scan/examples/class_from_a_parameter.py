# expect: SD101 definite | return cls(host)  # of two kinds
# expect: SD101 definite | return made(host)  # with two parameters
"""A class that is passed: what else may be called there takes no context, or takes it by another name."""

import imaplib
import smtplib


def build(cls, host):
    return cls(host)  # of two kinds


def open_one(made, host):
    return made(host)  # with two parameters


def push(host):
    build(smtplib.SMTP_SSL, host)
    build(smtplib.SMTP, host)
    open_one(smtplib.SMTP_SSL, host)
    open_one(imaplib.IMAP4_SSL, host)

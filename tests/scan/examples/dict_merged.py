# expect: SD101 definite fixable | merged without
# expect: SD101 definite fixable | updated without
# expect: SD101 definite fixable | deleted
# expect: SD101 possible | who knows
# expect: SD101 possible | fill() may add one
# expect: SD101 definite fixable | nothing is passed
import smtplib
import ssl

base = {"host": "mail.example.test"}
smtplib.SMTP_SSL(**(base | {"port": 465}))  # merged without
smtplib.SMTP_SSL(**(base | {"context": ssl.create_default_context()}))
base |= {"timeout": 3}
smtplib.SMTP_SSL(**base)  # updated without


def updated():
    options = {"host": "mail.example.test"}
    options |= {"context": ssl.create_default_context()}
    smtplib.SMTP_SSL(**options)
    del options["context"]
    smtplib.SMTP_SSL(**options)  # deleted


def unknown(more):
    smtplib.SMTP_SSL(**(base | more))  # who knows


def handed_over(fill):
    options = {"host": "mail.example.test"}
    fill(options)
    smtplib.SMTP_SSL(**options)  # fill() may add one


def deleted(ssl_context):
    del ssl_context
    smtplib.SMTP_SSL("mail.example.test")  # nothing is passed

# expect: nothing
"""The test that decides whether there is a context decides whether it is used."""

import enum
import smtplib
import ssl


class Mode(enum.Enum):
    PLAIN = 1
    STARTTLS = 2
    IMPLICIT = 3


def by_statement(host, tls):
    context = None
    if tls:
        context = ssl.create_default_context()
    connection = smtplib.SMTP(host)
    if tls:
        connection.starttls(context=context)


def by_expression(host, options):
    context = ssl.create_default_context() if options.tls else None
    connection = smtplib.SMTP(host)
    if not options.tls:
        return connection
    connection.starttls(context=context)
    return connection


def by_member(host, mode):
    if mode == Mode.PLAIN:
        context = None
    else:
        context = ssl.create_default_context()
    if mode == Mode.IMPLICIT:
        return smtplib.SMTP_SSL(host, context=context)
    connection = smtplib.SMTP(host)
    if mode is Mode.STARTTLS:
        connection.starttls(context=context)
    return connection


def by_text(host, config):
    if config["security"] in ("ssl", "starttls"):
        context = ssl.create_default_context()
    else:
        context = None
    if config["security"] == "ssl":
        return smtplib.SMTP_SSL(host, context=context)
    connection = smtplib.SMTP(host)
    if config["security"] == "starttls":
        connection.starttls(context=context)
    return connection


def by_truth(host, security=None):
    context = None if not security else ssl.create_default_context()
    if security == "ssl":
        return smtplib.SMTP_SSL(host, context=context)
    connection = smtplib.SMTP(host)
    if security is not None and security != "":
        connection.ehlo()
    if security == "starttls":
        connection.starttls(context=context)
    return connection


def by_chain(host, security):
    if security == "ssl":
        context = ssl.create_default_context()
    elif security == "starttls":
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    else:
        context = None
    if security == "none":
        return smtplib.SMTP(host)
    if security == "ssl":
        return smtplib.SMTP_SSL(host, context=context)
    connection = smtplib.SMTP(host)
    if security == "starttls":
        connection.starttls(context=context)
    return connection


def by_two(host, tls, trusted):
    if tls and not trusted:
        context = ssl.create_default_context()
    else:
        context = None
    connection = smtplib.SMTP(host)
    if tls and not trusted:
        connection.starttls(context=context)

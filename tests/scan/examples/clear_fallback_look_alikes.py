# expect: nothing
"""Connections without TLS that are no fallback, though TLS may have failed further up."""

import contextlib
import imaplib
import smtplib
import ssl

context = ssl.create_default_context()


def again_with_tls(host):
    connection = None
    try:
        connection = smtplib.SMTP_SSL(host, context=context)
    except OSError:
        pass
    if connection is None:
        connection = smtplib.SMTP_SSL(host, 465, context=context)
    return connection


def upgrade(host):
    failed = False
    try:
        connection = smtplib.SMTP_SSL(host, context=context)
    except OSError:
        failed = True
    if failed:
        connection = smtplib.SMTP(host)
        connection.starttls(context=context)
    return connection


def raised(host, tls):
    if tls:
        try:
            return smtplib.SMTP_SSL(host, context=context)
        except OSError as error:
            raise RuntimeError("no TLS") from error
    return smtplib.SMTP(host)


def given_up(host, tls):
    if tls:
        try:
            return smtplib.SMTP_SSL(host, context=context)
        except OSError:
            return None
    return smtplib.SMTP(host)


def not_wanted(host, tls):
    failed = False
    try:
        connection = smtplib.SMTP_SSL(host, context=context) if tls else None
    except OSError:
        failed = True
    if failed:
        raise SystemExit("no TLS")
    if not tls:
        connection = smtplib.SMTP(host)
    return connection


def flag_of_its_own(host):
    failed = False
    try:
        connection = smtplib.SMTP_SSL(host, context=context)
    except OSError:
        failed = True
    failed = host.startswith("localhost")
    if failed:
        connection = smtplib.SMTP(host)
    return connection


def after_success(host):
    failed = False
    try:
        smtplib.SMTP_SSL(host, context=context).noop()
    except OSError:
        failed = True
    if not failed:
        return smtplib.SMTP("localhost")
    return None


def another_error(host):
    connection = None
    try:
        connection = smtplib.SMTP_SSL(host, context=context)
    except smtplib.SMTPAuthenticationError:
        pass
    if connection is None:
        connection = smtplib.SMTP(host)
    return connection


def another_protocol(host):
    with contextlib.suppress(OSError):
        return imaplib.IMAP4_SSL(host, ssl_context=context)
    return smtplib.SMTP(host)


def one_after_the_other(hosts):
    found = []
    for host, tls in hosts:
        try:
            if tls:
                found.append(smtplib.SMTP_SSL(host, context=context))
            else:
                found.append(smtplib.SMTP(host))
        except OSError:
            print(host, "is out of order")
    return found

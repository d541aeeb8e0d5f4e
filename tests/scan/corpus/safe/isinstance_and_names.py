# kind: safe
# level: plain
# run: none (nothing is connected)

import imaplib
import smtplib

KNOWN = (smtplib.SMTP_SSL, imaplib.IMAP4_SSL)
ERRORS = (smtplib.SMTPException, imaplib.IMAP4.error, imaplib.IMAP4_SSL.error)


def is_tls(connection):
    return isinstance(connection, KNOWN) or issubclass(type(connection), smtplib.SMTP_SSL)


def port_of(cls):
    return {smtplib.SMTP_SSL: smtplib.SMTP_SSL_PORT, imaplib.IMAP4_SSL: imaplib.IMAP4_SSL_PORT}.get(cls)


def describe(connection):
    return connection.starttls.__doc__, hasattr(connection, "starttls")

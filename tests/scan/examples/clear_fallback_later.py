# expect: SD302 definite | after a flag was set
# expect: SD302 definite | after a flag was not set
# expect: SD302 definite | after None in the except clause
# expect: SD302 definite | after None before
# expect: SD302 definite | after a return in the try
# expect: SD302 definite | after an upgrade that failed
# expect: SD302 definite | after an attribute of its own was set
# expect: SD302 definite | after the error was kept
# expect: SD302 definite | after what was suppressed
# expect: SD302 definite | in a function of its own
"""TLS fails, and the program remembers that, to connect without it further down."""

import contextlib
import imaplib
import smtplib
import ssl

context = ssl.create_default_context()


def flag_set(host):
    failed = False
    try:
        connection = smtplib.SMTP_SSL(host, context=context)
    except ssl.SSLError:
        failed = True
    if failed:
        connection = smtplib.SMTP(host)  # after a flag was set
    return connection


def flag_not_set(host):
    done = False
    try:
        connection = smtplib.SMTP_SSL(host, context=context)
        done = True
    except OSError as error:
        print(error)
    if not done:
        connection = smtplib.SMTP(host)  # after a flag was not set
    return connection


def none_set(host):
    try:
        connection = imaplib.IMAP4_SSL(host, ssl_context=context)
    except Exception:
        connection = None
    if connection is None:
        connection = imaplib.IMAP4(host)  # after None in the except clause
    return connection


def none_before(host):
    connection = None
    try:
        connection = smtplib.SMTP_SSL(host, context=context)
    except OSError:
        pass
    if not connection:
        connection = smtplib.SMTP(host)  # after None before
    return connection


def returned(host):
    try:
        return smtplib.SMTP_SSL(host, context=context)
    except OSError:
        print("once more")
    return smtplib.SMTP(host)  # after a return in the try


def upgraded(host):
    connection = smtplib.SMTP(host)
    try:
        connection.starttls(context=context)
        secure = True
    except (smtplib.SMTPException, ssl.SSLError):
        connection.close()
        secure = False
    if not secure:
        connection = smtplib.SMTP(host)  # after an upgrade that failed
    return connection


class Mailer:
    def connect(self, host):
        self.tls = True
        try:
            self.connection = smtplib.SMTP_SSL(host, context=context)
        except OSError:
            self.tls = False
        if not self.tls:
            self.connection = smtplib.SMTP(host)  # after an attribute of its own was set


def error_kept(host):
    error = None
    try:
        connection = smtplib.SMTP_SSL(host, context=context)
    except OSError:
        error = "refused"
    if error is not None:
        connection = smtplib.SMTP(host)  # after the error was kept
    return connection


def suppressed(host):
    with contextlib.suppress(OSError):
        return smtplib.SMTP_SSL(host, context=context)
    return smtplib.SMTP(host)  # after what was suppressed


def handed_on(host):
    try:
        return smtplib.SMTP_SSL(host, context=context)
    except OSError:
        return in_the_clear(host)


def in_the_clear(host):
    return smtplib.SMTP(host)  # in a function of its own

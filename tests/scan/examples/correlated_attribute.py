# expect: nothing
"""One method makes a context if TLS is wanted; another one uses it if TLS is wanted."""

import smtplib
import ssl

from somewhere import Mode, settings

USE_TLS = settings.use_tls
CONTEXT = ssl.create_default_context() if USE_TLS else None


class Connection:
    def __init__(self, host, mode):
        self.host = host
        self.mode = mode
        if self.mode == Mode.PLAIN:
            self.context = None
        else:
            self.context = ssl.create_default_context()

    def connect(self):
        if self.mode == Mode.IMPLICIT:
            return smtplib.SMTP_SSL(self.host, context=self.context)
        connection = smtplib.SMTP(self.host)
        if self.mode == Mode.STARTTLS:
            connection.starttls(context=self.context)
        return connection

    def at_once(self):
        self.own = ssl.create_default_context() if self.mode == Mode.STARTTLS else None
        connection = smtplib.SMTP(self.host)
        if self.mode == Mode.STARTTLS:
            connection.starttls(context=self.own)
        return connection


def connect(host):
    connection = smtplib.SMTP(host)
    if USE_TLS:
        connection.starttls(context=CONTEXT)
    return connection

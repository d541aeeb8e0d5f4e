# expect: SD101 definite | attempt(smtplib.SMTP_SSL, "a.example.test", tries=5)
# expect: SD101 definite | attempt(server.starttls, tries=2)
# expect: SD101 definite | return cls(host)
"""Where a helper passes on all its arguments, the call that hands over the class is the place for the context."""

import smtplib
import ssl


def attempt(function, *args, tries=3, **kwargs):
    for _ in range(tries):
        try:
            return function(*args, **kwargs)
        except ConnectionError:
            continue
    raise ConnectionError(function)


def build(cls, host):
    return cls(host)


def push(host):
    attempt(smtplib.SMTP_SSL, "a.example.test", tries=5)
    attempt(smtplib.SMTP_SSL, "b.example.test", context=ssl.create_default_context())
    server = attempt(smtplib.SMTP, host)
    attempt(server.starttls, tries=2)
    return build(smtplib.SMTP_SSL, host)

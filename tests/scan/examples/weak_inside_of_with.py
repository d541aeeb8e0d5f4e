# expect: SD201 definite | smtplib.SMTP_SSL("a.example.test", context=context)
"""A context manager of this file: the block comes where it yields, the rest of it after that."""

import contextlib
import smtplib
import ssl

SHARED = ssl.create_default_context()


@contextlib.contextmanager
def relaxed(context):
    context.check_hostname = False
    try:
        yield context
    finally:
        context.check_hostname = True


def connect(host):
    with relaxed(SHARED) as context:
        smtplib.SMTP_SSL("a.example.test", context=context)
    smtplib.SMTP_SSL(host, context=SHARED)

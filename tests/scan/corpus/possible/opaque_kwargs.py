# kind: possible
# level: plain
# run: none (a library that nobody calls here)

import smtplib


def open_server(host, **kwargs):
    """Keyword arguments are those of smtplib.SMTP_SSL."""
    return smtplib.SMTP_SSL(host, **kwargs)  # <- SD101 possible

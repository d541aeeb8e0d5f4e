# expect: SD101 definite fixable | connection.starttls()
"""Two functions share a name of the one around them; the one that sets it may stand below."""

import smtplib


def make_sender(host):
    connection = None

    def send(text):
        if ensure():
            connection.starttls()
        connection.sendmail("we@example.test", ["you@example.test"], text)

    def ensure():
        nonlocal connection
        if connection is not None:
            return False
        connection = smtplib.SMTP(host)
        return True

    return send

# expect: SD101 possible | server.starttls()
# expect: SD101 possible | cls.starttls()
# expect: SD101 definite fixable | smtplib.SMTP_SSL("mail.example.test")
"""Words where a type could be."""

import smtplib


def upgrade(server: "an open connection", cls: "Type[", port: 25):
    server.starttls()
    cls.starttls()
    smtplib.SMTP_SSL("mail.example.test")

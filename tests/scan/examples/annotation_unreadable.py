# expect: SD101 possible | server.starttls()
# expect: SD101 possible | made.starttls()
# expect: SD101 possible | cls.starttls()
# expect: SD101 definite fixable | smtplib.SMTP_SSL("mail.example.test")
"""Words where a type could be."""

import smtplib

from our_project import make

Made = make()


def upgrade(server: "an open connection", cls: "Type[", port: 25, made: Made):
    made.starttls()
    server.starttls()
    cls.starttls()
    smtplib.SMTP_SSL("mail.example.test")

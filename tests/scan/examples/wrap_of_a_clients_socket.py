# expect: SD202 definite | smtp.sock = context.wrap_socket(smtp.sock)
# expect: SD201 definite | context.check_hostname = False
"""STARTTLS by hand, by a function that gets the connection."""

import smtplib
import ssl


def upgrade(smtp):
    smtp.docmd("STARTTLS")
    context = ssl.create_default_context()
    context.check_hostname = False
    smtp.sock = context.wrap_socket(smtp.sock)


upgrade(smtplib.SMTP("mail.example.test"))

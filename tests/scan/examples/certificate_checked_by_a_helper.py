# expect: SD101 possible | smtp.starttls()
"""Somebody else looks at the certificate after the handshake."""

import smtplib

from our_project import sslutil

smtp = smtplib.SMTP("mail.example.test")
smtp.starttls()
sslutil.validatesocket(smtp.sock)

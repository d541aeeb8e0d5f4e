# expect: SD301 definite | os.environ.get("SMTP", "mail.example.test:465")
# expect: SD301 definite | os.getenv("SMTP", default="mail.example.test:465")
# expect: SD301 definite | settings.get("smtp", "mail.example.test:465")
# expect: SD301 definite | settings["relay"] or "mail.example.test:465"
"""What a configuration says is not known; what stands for it where it says nothing is."""

import os
import smtplib
import ssl

from somewhere import settings

context = ssl.create_default_context()

smtplib.SMTP_SSL(os.environ.get("SMTP", "mail.example.test:465"), context=context)
smtplib.SMTP_SSL(os.getenv("SMTP", default="mail.example.test:465"), context=context)
smtplib.SMTP_SSL(settings.get("smtp", "mail.example.test:465"), context=context)
smtplib.SMTP_SSL(settings["relay"] or "mail.example.test:465", context=context)

smtplib.SMTP_SSL(os.environ["SMTP"], context=context)
smtplib.SMTP_SSL(os.environ.get("SMTP"), context=context)
smtplib.SMTP_SSL(os.environ.get("SMTP", "mail.example.test"), 465, context=context)
smtplib.SMTP_SSL(settings["smtp"], context=context)
smtplib.SMTP_SSL(settings.smtp, context=context)
smtplib.SMTP_SSL(settings.get("smtp"), context=context)
smtplib.SMTP_SSL(settings.get("smtp", "mail.example.test"), context=context)
smtplib.SMTP_SSL(*settings.get("smtp", "mail.example.test:465").split(":"), context=context)

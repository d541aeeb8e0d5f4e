# expect: SD101 possible | smtplib.SMTP_SSL("a.example.test", **options)
"""A context is put into the options where there is none."""

import smtplib
import ssl


class Verified(smtplib.SMTP):
    def starttls(self, *args, **kwargs):
        if kwargs.get("context") is None:
            kwargs["context"] = ssl.create_default_context()
        return super().starttls(*args, **kwargs)


def connect(host, **options):
    if not options.get("timeout"):
        smtplib.SMTP_SSL("a.example.test", **options)
    if not options.get("context"):
        options["context"] = ssl.create_default_context()
    smtplib.SMTP_SSL(host, **options)

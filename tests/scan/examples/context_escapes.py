# expect: SD201 possible | smtplib.SMTP_SSL("a.example.test", context=weak)
# expect: SD103 possible | smtplib.SMTP_SSL("c.example.test", **options)
import smtplib
import ssl

from our_project import harden

weak = ssl._create_unverified_context()
harden(weak)
smtplib.SMTP_SSL("a.example.test", context=weak)
good = ssl.create_default_context()
harden(good)
smtplib.SMTP_SSL("b.example.test", context=good)


def connect(verified):
    options = {"port": 465}
    if verified:
        options["context"] = good
    harden(options)
    smtplib.SMTP_SSL("c.example.test", **options)

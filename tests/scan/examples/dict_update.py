# expect: SD102 definite | smtplib.SMTP_SSL("a.example.test", **options)
# expect: SD101 possible | smtplib.SMTP_SSL("b.example.test", **more)
import smtplib


def connect(**given):
    options = {"port": 465}
    options.update({"timeout": 10}, context=None)
    smtplib.SMTP_SSL("a.example.test", **options)
    more = {"port": 465}
    more.update(**given)
    smtplib.SMTP_SSL("b.example.test", **more)

# expect: SD103 definite | smtplib.SMTP_SSL("a.example.test", **options)
# expect: SD101 possible | smtplib.SMTP_SSL("b.example.test", **anything)
import smtplib
import ssl


def connect(verify, anything):
    if verify:
        options = {"port": 465, "context": ssl.create_default_context()}
    else:
        options = {"port": 465}
    smtplib.SMTP_SSL("a.example.test", **options)
    smtplib.SMTP_SSL("b.example.test", **anything)

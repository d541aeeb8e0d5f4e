# expect: SD101 definite fixable | smtplib.SMTP_SSL("a.example.test", **options)
# expect: SD103 definite | smtplib.SMTP_SSL("b.example.test", context=some.pop("context", None))
import smtplib
import ssl


def connect(verify):
    options = {"context": ssl.create_default_context(), "port": 465}
    options.pop("context")
    smtplib.SMTP_SSL("a.example.test", **options)
    some = {}
    if verify:
        some["context"] = ssl.create_default_context()
    smtplib.SMTP_SSL("b.example.test", context=some.pop("context", None))

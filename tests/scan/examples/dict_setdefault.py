# expect: SD102 definite | smtplib.SMTP_SSL("a.example.test", **options)
# expect: SD102 definite | smtplib.SMTP_SSL("d.example.test", context=none.setdefault("context"))
import smtplib
import ssl


def connect(name, verify, **given):
    options = {"context": None}
    options.setdefault("context", ssl.create_default_context())
    smtplib.SMTP_SSL("a.example.test", **options)
    some = {"timeout": 10}
    if verify:
        some["context"] = ssl.create_default_context()
    some.setdefault("context", ssl.create_default_context())
    smtplib.SMTP_SSL("b.example.test", **some)
    given.setdefault("context", ssl.create_default_context())
    smtplib.SMTP_SSL("c.example.test", **given)
    none = {}
    smtplib.SMTP_SSL("d.example.test", context=none.setdefault("context"))
    smtplib.SMTP_SSL("e.example.test", context=none.setdefault(name, ssl.create_default_context()))

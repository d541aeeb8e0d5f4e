# expect: SD103 definite | smtplib.SMTP_SSL("a.example.test", context=options.get("context"))
# expect: SD102 definite | smtplib.SMTP_SSL("b.example.test", context=empty.get("context"))
# expect: SD103 definite | smtplib.SMTP_SSL("c.example.test", context=options.get("context", None))
import smtplib
import ssl


def connect(verify):
    options = {"timeout": 10}
    if verify:
        options["context"] = ssl.create_default_context()
    smtplib.SMTP_SSL("a.example.test", context=options.get("context"))
    empty = {}
    smtplib.SMTP_SSL("b.example.test", context=empty.get("context"))
    smtplib.SMTP_SSL("c.example.test", context=options.get("context", None))
    smtplib.SMTP_SSL("d.example.test", context=options.get("context") or ssl.create_default_context())
    smtplib.SMTP_SSL("e.example.test", context=options.__getitem__("context"))
    smtplib.SMTP_SSL("f.example.test", context=empty.__getitem__("context"))
    options.get()

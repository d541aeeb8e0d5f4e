# expect: SD103 possible | cls("a.example.test", **some)
# expect: SD103 possible | cls("b.example.test", **late)
# expect: SD103 possible | again("c.example.test", **options)
"""The class and what it is passed are chosen by the same flag, or are not."""

import smtplib
import ssl


def connect(host, secure, verified):
    cls = smtplib.SMTP_SSL if secure else smtplib.SMTP
    options = {"timeout": 10}
    if secure:
        options["context"] = ssl.create_default_context()
    cls(host, **options)
    (smtplib.SMTP_SSL if secure else smtplib.SMTP)(host, **options)
    more = dict(timeout=10, context=ssl.create_default_context()) if secure else dict(timeout=10)
    cls(host, **more)
    some = {}
    if verified:
        some["context"] = ssl.create_default_context()
    cls("a.example.test", **some)
    late = {}
    if secure:
        late["context"] = ssl.create_default_context()
        late["timeout"] = 10
    if verified:
        late = {}
    cls("b.example.test", **late)
    secure = secure or verified
    again = smtplib.SMTP_SSL if secure else smtplib.SMTP
    again("c.example.test", **options)

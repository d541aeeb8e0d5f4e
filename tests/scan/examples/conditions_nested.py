# expect: SD101 definite fixable | it is there
# expect: SD101 definite fixable | it may be one
# expect: SD103 definite | other is without
# expect: SD103 definite | whatever lower() is
# expect: SD103 definite | 2 is true as well
# expect: SD101 definite fixable | by its declaration
# expect: SD101 definite fixable | set elsewhere
# expect: SD101 definite fixable | by its annotation here
import smtplib
import ssl


def either(context, strict):
    if context is None and not strict:
        context = ssl.create_default_context()
    if context is None or not strict:
        return None
    return smtplib.SMTP_SSL("mail.example.test", context=context)


def asserted(host, verify):
    context = ssl.create_default_context() if verify else None
    assert context is not None
    return smtplib.SMTP_SSL(host, context=context)


def walrus(host):
    if not (smtp := smtplib.SMTP(host)):
        return
    smtp.starttls()  # it is there


def instance(some):
    if not isinstance(some, (smtplib.SMTP, str)):
        return
    some.starttls()  # it may be one


def compared(kind):
    context = None
    if kind == "tls" or kind == "ssl":
        context = ssl.create_default_context()
    if kind in ["tls", "other"]:
        smtplib.SMTP_SSL("mail.example.test", context=context)  # other is without
    if kind in ["tls", kind.lower()]:
        smtplib.SMTP_SSL("mail.example.test", context=context)  # whatever lower() is


def by_truth(flag):
    context = None
    if flag == 1:
        context = ssl.create_default_context()
    if flag:
        smtplib.SMTP_SSL("mail.example.test", context=context)  # 2 is true as well


declared: smtplib.SMTP
declared.starttls()  # by its declaration
later: "smtplib.SMTP" = None
later.starttls()  # set elsewhere


def local():
    smtp: smtplib.SMTP
    smtp.starttls()  # by its annotation here

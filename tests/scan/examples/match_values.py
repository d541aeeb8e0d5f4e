# expect: SD101 definite fixable | by a value
# expect: SD101 definite fixable | by a shape
# expect: SD101 definite fixable | with a guard
# expect: SD103 definite | None is one of them
import imaplib
import smtplib
import ssl


def make(kind, context):
    match kind:
        case "smtp":
            return smtplib.SMTP_SSL("mail.example.test")  # by a value
        case None:
            return None
        case ["imap", host] | {"imap": host}:
            return imaplib.IMAP4_SSL(host)  # by a shape
        case {"pop": _, **rest}:
            return rest
        case str() as text if text:
            return smtplib.SMTP_SSL(text)  # with a guard
        case other:
            return other


def context_by_match(verify):
    match verify:
        case True:
            context = ssl.create_default_context()
        case None:
            context = None
        case _:
            return None
    return smtplib.SMTP_SSL("mail.example.test", context=context)  # None is one of them


def narrowed(context):
    match context:
        case None:
            context = ssl.create_default_context()
    return smtplib.SMTP_SSL("mail.example.test", context=context)

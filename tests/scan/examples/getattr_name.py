# expect: SD101 definite | cls("mail.example.test")
# expect: SD101 definite | getattr(imaplib, "IMAP4" + ("_SSL" if secure else ""))
# expect: SD101 possible | getattr(imaplib, name)
import imaplib


def connect(secure, name):
    if secure:
        kind = "IMAP4_SSL"
    else:
        kind = "IMAP4"
    cls = getattr(imaplib, kind)
    cls("mail.example.test")
    getattr(imaplib, "IMAP4" + ("_SSL" if secure else ""))("mail.example.test")
    getattr(imaplib, name)("mail.example.test")

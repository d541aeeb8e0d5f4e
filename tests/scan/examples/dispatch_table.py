# expect: SD101 definite | CLASSES[kind](host)
# expect: SD101 definite | CLASSES.get(kind, imaplib.IMAP4)(host)
# expect: SD101 definite fixable | "pop": lambda host: poplib.POP3_SSL(host)
import imaplib
import poplib

CLASSES = {"imap": imaplib.IMAP4, "imaps": imaplib.IMAP4_SSL}
FUNCTIONS = {"pop": lambda host: poplib.POP3_SSL(host)}


def connect(kind, host):
    CLASSES[kind](host)
    return CLASSES.get(kind, imaplib.IMAP4)(host)

# expect: SD101 definite fixable | getattr(smtplib, "SMTP{}".format("_SSL"))("mail.example.test")
# expect: SD101 definite fixable | getattr(imaplib, " imap4_ssl ".strip().upper())("mail.example.test")
# expect: SD301 definite | smtplib.SMTP_SSL("{}:{}".format(host, port), context=context)
# expect: SD101 possible | getattr(smtplib, "SMTP-SSL".replace("-", "_"))("mail.example.test")
# expect: SD101 possible | getattr(poplib, "xPOP3_SSL".strip("x"))("mail.example.test")
import imaplib
import poplib
import smtplib
import ssl


def connect(host, port):
    context = ssl.create_default_context()
    getattr(smtplib, "SMTP{}".format("_SSL"))("mail.example.test")
    getattr(imaplib, " imap4_ssl ".strip().upper())("mail.example.test")
    smtplib.SMTP_SSL("{}:{}".format(host, port), context=context)
    smtplib.SMTP_SSL("{}".format(host), context=context)
    getattr(smtplib, "SMTP-SSL".replace("-", "_"))("mail.example.test")
    getattr(poplib, "xPOP3_SSL".strip("x"))("mail.example.test")

# expect: SD101 definite fixable | functools.partial(smtplib.SMTP_SSL, "mail.example.test")
# expect: SD101 definite fixable | partial(imaplib.IMAP4_SSL, "mail.example.test")
import functools
import imaplib
import smtplib
from functools import partial

make = functools.partial(smtplib.SMTP_SSL, "mail.example.test")
make(465)
retry(partial(imaplib.IMAP4_SSL, "mail.example.test"))

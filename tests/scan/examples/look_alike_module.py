# expect: nothing
import aiosmtplib as smtplib

from . import imaplib
from .compat import poplib

smtplib.SMTP_SSL("mail.example.test")
imaplib.IMAP4_SSL("mail.example.test")
poplib.POP3_SSL("mail.example.test")

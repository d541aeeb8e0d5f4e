# expect: SD101 definite fixable | smtplib.SMTP_SSL(*address(), "local.example.test")
# expect: SD101 possible | imaplib.IMAP4("mail.example.test").starttls(*options(), context)
import imaplib
import smtplib
import ssl

from our_project import address, options

context = ssl.create_default_context()
smtplib.SMTP_SSL(*address(), "local.example.test")
imaplib.IMAP4("mail.example.test").starttls(*options(), context)

# kind: safe
# level: plain
# run: none (the package around it is not here)

from . import imaplib
from .smtplib import SMTP_SSL
from .compat import ftplib

box = imaplib.IMAP4_SSL("mail.example.test")
smtp = SMTP_SSL("mail.example.test")
ftp = ftplib.FTP_TLS("ftp.example.test")

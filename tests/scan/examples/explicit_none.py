# expect: SD102 definite fixable | context=None
# expect: SD102 definite fixable | starttls(None)
# expect: SD102 definite fixable | ssl_context=None
# expect: SD102 definite fixable | "", "", "", None, None, None
import ftplib
import imaplib
import smtplib

smtplib.SMTP_SSL("mail.example.test", context=None)
imaplib.IMAP4("mail.example.test").starttls(None)
imaplib.IMAP4_SSL("mail.example.test", ssl_context=None)
ftplib.FTP_TLS("ftp.example.test", "", "", "", None, None, None)

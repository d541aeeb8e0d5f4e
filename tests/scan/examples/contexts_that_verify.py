# expect: nothing
import ftplib
import imaplib
import nntplib
import poplib
import smtplib
import ssl

import certifi
import truststore

context = ssl.create_default_context()
smtplib.SMTP_SSL("mail.example.test", context=context)
smtplib.SMTP("mail.example.test").starttls(context=ssl.create_default_context(cafile=certifi.where()))
smtplib.SMTP("mail.example.test").starttls(None, None, context)
imaplib.IMAP4_SSL("mail.example.test", 993, None, None, context)
imaplib.IMAP4("mail.example.test").starttls(context)
poplib.POP3("mail.example.test").stls(context)
poplib.POP3_SSL("mail.example.test", 995, None, None, 30, context)
ftplib.FTP_TLS("ftp.example.test", "user", "secret", "", None, None, context)
nntplib.NNTP_SSL("news.example.test", 563, "user", "secret", context)
bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
bare.load_verify_locations("ca.pem")
smtplib.SMTP_SSL("mail.example.test", context=bare)
raised = ssl.SSLContext()
raised.verify_mode = ssl.CERT_REQUIRED
raised.check_hostname = True
raised.load_default_certs()
smtplib.SMTP_SSL("mail.example.test", context=raised)
smtplib.SMTP_SSL("mail.example.test", context=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

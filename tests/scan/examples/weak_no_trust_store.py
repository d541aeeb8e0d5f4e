# expect: SD201 definite | smtplib.SMTP_SSL
import smtplib
import ssl

context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
smtplib.SMTP_SSL("mail.example.test", context=context)

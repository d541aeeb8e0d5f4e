# expect: SD201 definite | smtplib.SMTP_SSL("a.example.test", context=context)
import smtplib
import ssl

context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.VerifyMode(0)
smtplib.SMTP_SSL("a.example.test", context=context)

# expect: SD201 definite | smtplib.SMTP_SSL
import smtplib
import ssl

smtplib.SMTP_SSL("mail.example.test", context=ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))

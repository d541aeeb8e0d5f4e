# expect: SD201 definite | smtplib.SMTP_SSL
import smtplib
import ssl

options = {"context": ssl._create_unverified_context(), "timeout": 3}
smtplib.SMTP_SSL("mail.example.test", **options)

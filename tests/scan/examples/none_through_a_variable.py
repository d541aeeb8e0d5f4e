# expect: SD102 definite | smtplib.SMTP_SSL("mail.example.test", context=context)
import smtplib

context = None
smtplib.SMTP_SSL("mail.example.test", context=context)

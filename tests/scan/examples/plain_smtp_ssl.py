# expect: SD101 definite fixable | smtplib.SMTP_SSL("mail.example.test", 465)
import smtplib

with smtplib.SMTP_SSL("mail.example.test", 465) as smtp:
    smtp.login("user", "secret")

# expect: SD101 definite fixable | smtp.starttls()
import smtplib

if (smtp := smtplib.SMTP("mail.example.test")).has_extn("starttls"):
    smtp.starttls()

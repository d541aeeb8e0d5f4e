# expect: SD101 possible | smtp.starttls(context)
import smtplib
import ssl

context = ssl.create_default_context()
smtp = smtplib.SMTP("mail.example.test")
smtp.starttls(context)

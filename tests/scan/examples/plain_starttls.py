# expect: SD101 definite fixable | smtp.starttls()
import smtplib

smtp = smtplib.SMTP("mail.example.test", 587)
smtp.starttls()
smtp.login("user", "secret")

# kind: safe
# level: plain
# run: none (a library of others)

from twisted_mail import smtplib

smtp = smtplib.SMTP_SSL("mail.example.test")
smtp.starttls()

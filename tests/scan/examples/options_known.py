# expect: SD101 definite fixable | smtplib.SMTP_SSL(**options)
# expect: SD101 definite fixable | smtplib.SMTP_SSL(*address)
import smtplib

options = {"host": "mail.example.test", "port": 465}
smtplib.SMTP_SSL(**options)
address = ("mail.example.test", 465)
smtplib.SMTP_SSL(*address)

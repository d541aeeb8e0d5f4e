# expect: SD101 definite | operator.methodcaller("starttls")(smtplib.SMTP("mail.example.test"))
import operator
import smtplib

operator.methodcaller("starttls")(smtplib.SMTP("mail.example.test"))

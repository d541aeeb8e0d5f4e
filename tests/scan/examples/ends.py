# expect: SD101 definite fixable | smtplib.SMTP_SSL("a.example.test")
import smtplib
import sys

if not sys.argv:
    sys.exit("arguments?")
    smtplib.SMTP_SSL("never.example.test")
smtplib.SMTP_SSL("a.example.test")

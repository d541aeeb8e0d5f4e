# expect: SD101 definite fixable | globals()["smtp"].starttls()
# expect: SD101 possible | vars()["other"].starttls()
import smtplib

options = {}
smtp = smtplib.SMTP("mail.example.test")


def upgrade():
    globals()["smtp"].starttls()
    vars()["other"].starttls()

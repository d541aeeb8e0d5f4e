# expect: SD101 definite fixable | holder.smtp.starttls()
import smtplib


class Holder:
    pass


def fill(name, pair):
    holder = Holder()
    setattr(holder, "smtp", smtplib.SMTP("mail.example.test"))
    setattr(holder, name, None)
    setattr(holder, *pair)
    holder.smtp.starttls()

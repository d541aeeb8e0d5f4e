# expect: SD101 definite fixable | each.starttls()
import smtplib


def connections():
    for host in ("a.example.test", "b.example.test"):
        yield smtplib.SMTP(host)


for each in connections():
    each.starttls()

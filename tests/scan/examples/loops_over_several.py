# expect: SD101 definite fixable | one.starttls()
# expect: SD101 definite fixable | two.starttls()
# expect: SD101 definite fixable | three.starttls()
# expect: SD101 definite fixable | four.starttls()
# expect: SD101 definite fixable | filtered.starttls()
import smtplib

servers = [smtplib.SMTP("mail.example.test")]
for index, one in enumerate(servers):
    one.starttls()
for name, two in zip(["a"], servers):
    two.starttls()
three = next(iter(servers))
three.starttls()
for four in sorted(servers):
    four.starttls()
for filtered in filter(None, servers):
    filtered.starttls()
for nothing in enumerate():
    filter()
for five in map(smtplib.SMTP):
    five.login("user", "secret")

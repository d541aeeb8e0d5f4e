# expect: SD101 definite fixable | pool[0].starttls()
# expect: SD101 definite fixable | each.starttls()
# expect: SD101 definite fixable | by_name["a"].starttls()
# expect: SD101 definite fixable | appended.pop().starttls()
# expect: SD101 definite fixable | first.starttls()
import smtplib

pool = [smtplib.SMTP(host) for host in ("a.example.test", "b.example.test")]
pool[0].starttls()
for each in pool:
    each.starttls()
by_name = {}
by_name["a"] = smtplib.SMTP("a.example.test")
by_name["a"].starttls()
appended = []
appended.append(smtplib.SMTP("a.example.test"))
appended.pop().starttls()
first, second = smtplib.SMTP("a.example.test"), "b"
first.starttls()

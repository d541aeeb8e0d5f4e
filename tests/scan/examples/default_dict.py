# expect: SD101 definite fixable | servers["a"].starttls()
# expect: SD101 possible | plain["a"].starttls()
import collections
import smtplib

servers = collections.defaultdict(lambda: smtplib.SMTP("mail.example.test"))
servers["a"].starttls()
plain = collections.defaultdict()
plain["a"].starttls()

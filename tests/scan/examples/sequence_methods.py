# expect: SD101 definite fixable | added.pop().starttls()
# expect: SD101 definite fixable | more[0].starttls()
# expect: SD101 definite fixable | copied[0].starttls()
# expect: SD101 definite fixable | waiting.popleft().starttls()
# expect: SD101 definite fixable | jobs.get().starttls()
# expect: SD101 possible | nothing.pop().starttls()
# expect: SD101 definite fixable | smtplib.SMTP_SSL(*address)
import collections
import queue
import smtplib

added = set()
added.add(smtplib.SMTP("mail.example.test"))
added.pop().starttls()
more = []
more.extend([smtplib.SMTP("mail.example.test")])
more.sort()
more[0].starttls()
copied = more.copy()
copied[0].starttls()
waiting = collections.deque([smtplib.SMTP("mail.example.test")])
waiting.popleft().starttls()
jobs = queue.Queue()
jobs.put(smtplib.SMTP("mail.example.test"))
jobs.get().starttls()
nothing = list()
nothing.pop().starttls()
address = ["mail.example.test"]
address.append(465)
smtplib.SMTP_SSL(*address)

# expect: SD101 definite fixable | the first
# expect: SD101 definite | the last
# expect: SD101 definite fixable | each of them
# expect: SD101 definite | one of them
# expect: SD101 definite | of a part
# expect: SD101 definite fixable | values of a comprehension
# expect: SD101 definite | in it
# expect: SD101 definite fixable | of sys.modules
import imaplib
import poplib
import smtplib
import sys

first = [smtplib.SMTP_SSL]
classes = [*first, imaplib.IMAP4_SSL]
classes[0]("mail.example.test")  # the first
(first + [poplib.POP3_SSL])[-1]("mail.example.test")  # the last
first += [poplib.POP3_SSL]
for cls in first:
    cls("mail.example.test")  # each of them


def with_unknown(more):
    for cls in [*more, smtplib.SMTP_SSL]:
        cls("mail.example.test")  # one of them
    for cls in (*more, smtplib.SMTP_SSL)[1:]:
        cls("mail.example.test")  # of a part


def comprehended(hosts):
    made = {host: smtplib.SMTP(host) for host in hosts if host}
    for smtp in made.values():
        smtp.starttls()  # values of a comprehension
    by_class = {cls: cls(host) for cls, host in [(smtplib.SMTP_SSL, "a"), (imaplib.IMAP4_SSL, "b")]}  # in it
    return by_class


def by_module(name):
    sys.modules["smtplib"].SMTP_SSL("mail.example.test")  # of sys.modules
    sys.modules[name].SMTP_SSL("mail.example.test")


def out_of_range():
    (1, smtplib.SMTP_SSL)[7]("mail.example.test")
    (1, 2)["x"]("mail.example.test")

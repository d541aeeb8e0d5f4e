# expect: SD101 definite fixable | smtp.starttls()
# expect: SD101 definite | map(imaplib.IMAP4_SSL, ("a.example.test", "b.example.test"))
import imaplib
import smtplib

for smtp in map(smtplib.SMTP, ["a.example.test"]):
    smtp.starttls()
boxes = list(map(imaplib.IMAP4_SSL, ("a.example.test", "b.example.test")))

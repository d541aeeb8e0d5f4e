# expect: SD101 definite fixable | lmtp.starttls()
from smtplib import LMTP

lmtp = LMTP("mail.example.test")
lmtp.starttls()

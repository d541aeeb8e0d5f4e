# expect: SD101 possible | SMTP_SSL("b.example.test")
# expect: SD101 possible | relay.starttls()
from our_compat import SMTP_SSL, SMTP
from our_twisted import smtplib

smtp = smtplib.SMTP_SSL("a.example.test")
smtp.starttls()
SMTP_SSL("b.example.test")
relay = SMTP("c.example.test")
relay.starttls()

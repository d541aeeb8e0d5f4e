# expect: SD101 possible | SMTP_SSL("mail.example.test")
from compat import SMTP_SSL

SMTP_SSL("mail.example.test")

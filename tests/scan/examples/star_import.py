# expect: SD101 definite fixable | SMTP_SSL("mail.example.test")
from smtplib import *

SMTP_SSL("mail.example.test")

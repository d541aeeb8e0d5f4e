# expect: SD101 possible | smtplib.SMTP_SSL
import smtplib

import securedefaults

securedefaults.apply()
smtplib.SMTP_SSL("mail.example.test")

# expect: SD101 possible | run_later(smtplib.SMTP_SSL, "mail.example.test")
# expect: SD101 possible | pool.go(None, smtp.starttls, "key.pem")
import smtplib

from our_project import pool, run_later

run_later(smtplib.SMTP_SSL, "mail.example.test")
smtp = smtplib.SMTP("mail.example.test")
pool.go(None, smtp.starttls, "key.pem")
pool.go(smtp.login, "user", "secret")

# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys

smtp = None


def setup():
    global smtp
    smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))


def send():
    smtp.starttls()  # <- SD101
    smtp.login(sys.argv[3], sys.argv[4])
    smtp.quit()


setup()
send()

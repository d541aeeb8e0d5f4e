# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys


def connect():
    return smtplib.SMTP(sys.argv[1], int(sys.argv[2]))


smtp = connect()
smtp.starttls()  # <- SD101
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

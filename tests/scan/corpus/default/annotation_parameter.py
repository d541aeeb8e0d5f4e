# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys


def authenticate(smtp: smtplib.SMTP, user: str, password: str) -> None:
    smtp.starttls()  # <- SD101
    smtp.login(user, password)


connection = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
authenticate(connection, sys.argv[3], sys.argv[4])
connection.quit()

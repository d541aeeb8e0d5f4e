# kind: default
# level: flow
# run: smtp-starttls

import smtplib
import sys


def open_both():
    return smtplib.SMTP(sys.argv[1], int(sys.argv[2])), sys.argv[3:5]


server, (user, password) = open_both()
server.starttls()  # <- SD101
server.login(user, password)
server.quit()

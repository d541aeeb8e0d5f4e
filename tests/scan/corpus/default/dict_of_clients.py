# kind: default
# level: flow
# run: smtp-starttls

import smtplib
import sys

pool = {}


def get(name):
    if name not in pool:
        pool[name] = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
        pool[name].starttls()  # <- SD101
    return pool[name]


get("news").login(sys.argv[3], sys.argv[4])
pool["news"].quit()

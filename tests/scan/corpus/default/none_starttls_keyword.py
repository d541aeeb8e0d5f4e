# kind: default
# level: plain
# run: smtp-starttls

import smtplib
import sys

with smtplib.SMTP(sys.argv[1], int(sys.argv[2])) as server:
    server.starttls(context=None)  # <- SD102
    server.login(sys.argv[3], sys.argv[4])

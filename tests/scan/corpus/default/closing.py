# kind: default
# level: inference
# run: smtp-starttls

import contextlib
import smtplib
import sys

with contextlib.closing(smtplib.SMTP(sys.argv[1], int(sys.argv[2]))) as smtp:
    smtp.starttls()  # <- SD101
    smtp.login(sys.argv[3], sys.argv[4])

# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys

if (smtp := smtplib.SMTP(sys.argv[1], int(sys.argv[2]))) is not None:
    smtp.starttls()  # <- SD101
    smtp.login(sys.argv[3], sys.argv[4])
    smtp.quit()

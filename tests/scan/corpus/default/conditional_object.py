# kind: default
# level: inference
# run: smtp-starttls

import os
import smtplib
import sys

SSL = "SMTP_USE_SSL" in os.environ

smtp = smtplib.SMTP_SSL(sys.argv[1], sys.argv[2]) if SSL else smtplib.SMTP(sys.argv[1], sys.argv[2])  # <- SD101
if not SSL:
    smtp.starttls()  # <- SD101
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

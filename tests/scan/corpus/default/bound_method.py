# kind: default
# level: flow
# run: smtp-starttls

import smtplib
import sys

smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
steps = [smtp.ehlo, smtp.starttls, smtp.ehlo]  # <- SD101 steps
for step in steps:
    step()  # <- SD101 steps
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

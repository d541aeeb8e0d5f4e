# kind: possible
# level: plain
# run: smtp-starttls

import smtplib
import sys

smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
try:
    smtp.starttls()  # <- SD101  # <- SD303 possible swallow
except:  # <- SD303 possible swallow
    print("going on without")
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

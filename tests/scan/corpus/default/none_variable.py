# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys

context = None  # TODO

smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
smtp.starttls(context=context)  # <- SD102
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

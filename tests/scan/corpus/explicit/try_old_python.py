# kind: explicit
# level: inference
# run: smtp-starttls

import smtplib
import ssl
import sys

try:
    make = ssl._create_unverified_context  # <- SD201 ctx
except AttributeError:
    make = None
smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
if make:
    smtp.starttls(context=make())  # <- SD201 ctx
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

# kind: explicit
# level: plain
# run: smtp-starttls

import smtplib
import ssl
import sys

smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
smtp.starttls(context=ssl._create_unverified_context())  # <- SD201
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

# kind: default
# level: inference
# run: smtp-tls

import smtplib
import sys

options = {"host": sys.argv[1], "port": int(sys.argv[2]), "timeout": 10}
smtp = smtplib.SMTP_SSL(**options)  # <- SD101
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

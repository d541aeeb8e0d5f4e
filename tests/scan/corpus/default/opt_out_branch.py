# kind: default
# level: plain
# run: smtp-tls

import os
import smtplib
import ssl
import sys

if os.environ.get("VERIFY", "no") == "yes":
    smtp = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=ssl.create_default_context())
else:
    smtp = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]))  # <- SD101
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

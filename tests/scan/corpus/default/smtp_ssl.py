# kind: default
# level: plain
# run: smtp-tls

import os
import smtplib

s = smtplib.SMTP_SSL(os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"]))  # <- SD101
s.login(os.environ["MAIL_USER"], os.environ["MAIL_PASSWORD"])
s.sendmail("a@example.test", "b@example.test", "Subject: x\n\nx")
s.close()

# kind: safe
# level: inference
# run: smtp-tls

import smtplib
import ssl
import sys

options = {"timeout": 10, "context": ssl.create_default_context()}
s = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), **options)
s.login(sys.argv[3], sys.argv[4])
s.quit()

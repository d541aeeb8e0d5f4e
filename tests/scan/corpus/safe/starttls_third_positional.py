# kind: safe
# level: plain
# run: smtp-starttls
# python: <3.12

import smtplib
import ssl
import sys

s = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
s.starttls(None, None, ssl.create_default_context())
s.login(sys.argv[3], sys.argv[4])
s.quit()

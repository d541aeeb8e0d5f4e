# kind: safe
# level: plain
# run: smtp-tls
# python: <3.12

import smtplib
import ssl
import sys

s = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), None, None, None, 10, None, ssl.create_default_context())
s.login(sys.argv[3], sys.argv[4])
s.quit()

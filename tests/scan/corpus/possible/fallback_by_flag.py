# kind: possible
# level: flow
# run: smtp-starttls
# effect: clear

"""An upgrade is tried; if it fails, another connection is made and left as it is."""

import smtplib
import ssl
import sys

host, port, user, password = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]

encrypted = True
smtp = smtplib.SMTP(host, port)
try:
    smtp.starttls(context=ssl.create_default_context())
except ssl.SSLError:
    smtp.close()
    encrypted = False
if not encrypted:
    smtp = smtplib.SMTP(host, port)  # <- SD302 any
smtp.login(user, password)
smtp.quit()

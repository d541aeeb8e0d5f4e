# kind: possible
# level: plain
# run: smtp-starttls
# effect: clear

import smtplib
import ssl
import sys

try:
    smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
    smtp.starttls(context=ssl.create_default_context())  # <- SD302 possible fallback
except ssl.SSLError:  # <- SD302 possible fallback
    smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))  # <- SD302 possible fallback
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

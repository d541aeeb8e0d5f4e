# kind: possible
# level: plain
# run: smtp-starttls
# effect: clear
# server: strip

import smtplib
import ssl
import sys

smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
try:
    smtp.starttls(context=ssl.create_default_context())  # <- SD303 possible swallow
except Exception:  # <- SD303 possible swallow
    pass
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

# kind: possible
# level: plain
# run: smtp-tls

import smtplib
import sys

smtp = smtplib.SMTP_SSL(f"{sys.argv[1]}:{sys.argv[2]}")  # <- SD101  # <- SD301 possible
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

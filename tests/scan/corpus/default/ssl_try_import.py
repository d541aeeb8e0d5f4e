# kind: default
# level: plain
# run: smtp-starttls

import smtplib
import sys

try:
    import ssl
except ImportError:
    ssl = None

mailer = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
if ssl:
    mailer.starttls()  # <- SD101
mailer.login(sys.argv[3], sys.argv[4])
mailer.quit()

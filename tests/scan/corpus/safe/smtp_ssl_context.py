# kind: safe
# level: plain
# run: smtp-tls

import smtplib
import ssl
import sys

with smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=ssl.create_default_context()) as smtp:
    smtp.login(sys.argv[3], sys.argv[4])

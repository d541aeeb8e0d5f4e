# kind: safe
# level: plain
# run: smtp-tls

"""For a client, CERT_OPTIONAL means the same as CERT_REQUIRED."""

import smtplib
import ssl
import sys

context = ssl.create_default_context()
context.verify_mode = ssl.CERT_OPTIONAL
s = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=context)
s.login(sys.argv[3], sys.argv[4])
s.quit()

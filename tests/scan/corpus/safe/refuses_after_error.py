# kind: safe
# level: plain
# run: smtp-starttls

"""Catches the error, and stops."""

import smtplib
import ssl
import sys

s = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
try:
    s.starttls(context=ssl.create_default_context())
except (ssl.SSLError, smtplib.SMTPException) as e:
    s.close()
    sys.exit("no TLS: %s" % e)
s.login(sys.argv[3], sys.argv[4])
s.quit()

# kind: safe
# level: inference
# run: smtp-starttls

import smtplib
import ssl
import sys


def starttls(server):
    """An own function of that name."""
    server.starttls(context=ssl.create_default_context())
    server.ehlo()


s = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
starttls(s)
s.login(sys.argv[3], sys.argv[4])
s.quit()

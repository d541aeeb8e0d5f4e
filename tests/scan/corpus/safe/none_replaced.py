# kind: safe
# level: inference
# run: smtp-starttls

import smtplib
import ssl
import sys


def send(host, port, context=None):
    if context is None:
        context = ssl.create_default_context()
    s = smtplib.SMTP(host, port)
    s.starttls(context=context)
    s.login(sys.argv[3], sys.argv[4])
    s.quit()


send(sys.argv[1], int(sys.argv[2]))

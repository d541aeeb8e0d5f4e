# kind: safe
# level: flow
# run: smtp-starttls

"""Implicit TLS if it works, else the upgrade, decided after the try."""

import smtplib
import ssl
import sys


def connect(host, port):
    context = ssl.create_default_context()
    smtp = None
    try:
        smtp = smtplib.SMTP_SSL(host, port, context=context, timeout=2)
    except OSError:
        pass
    if smtp is None:
        smtp = smtplib.SMTP(host, port)
        smtp.starttls(context=context)
    return smtp


smtp = connect(sys.argv[1], int(sys.argv[2]))
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

# kind: possible
# level: plain
# run: smtp-starttls
# effect: clear

"""Implicit TLS if it works, else what there is."""

import smtplib
import ssl
import sys


def connect(host, port):
    try:
        return smtplib.SMTP_SSL(host, port, context=ssl.create_default_context(), timeout=2)  # <- SD302 possible fallback
    except (ssl.SSLError, OSError):  # <- SD302 possible fallback
        return smtplib.SMTP(host, port)  # <- SD302 possible fallback


smtp = connect(sys.argv[1], int(sys.argv[2]))
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

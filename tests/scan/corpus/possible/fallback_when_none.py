# kind: possible
# level: flow
# run: smtp-starttls
# effect: clear

"""TLS is tried; whatever goes wrong, there is no connection yet, and one is made without TLS."""

import logging
import smtplib
import ssl
import sys


def connect(host, port):
    smtp = None
    try:
        smtp = smtplib.SMTP_SSL(host, port, context=ssl.create_default_context(), timeout=2)
    except (ssl.SSLError, OSError) as error:
        logging.info("no TLS: %s", error)
    if smtp is None:
        smtp = smtplib.SMTP(host, port)  # <- SD302 any
    return smtp


smtp = connect(sys.argv[1], int(sys.argv[2]))
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

# kind: default
# level: flow
# run: smtp-starttls

import os
import smtplib
import ssl
import sys


def tls_context():
    setting = os.environ.get("EMAIL_SSL_CONTEXT", "none")
    if setting == "none":
        return None
    return ssl.create_default_context()


smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
smtp.starttls(context=tls_context())  # <- SD103 any
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

# kind: safe
# level: flow
# run: smtp-tls

import smtplib
import ssl
import sys


def connect(*args, **kwargs):
    kwargs.setdefault("context", ssl.create_default_context())
    return smtplib.SMTP_SSL(*args, **kwargs)


s = connect(sys.argv[1], int(sys.argv[2]), timeout=10)
s.login(sys.argv[3], sys.argv[4])
s.quit()

# kind: safe
# level: flow
# run: smtp-tls

import smtplib
import ssl
import sys


def tls_options():
    return {"context": ssl.create_default_context()}


options = {"timeout": 10}
options.update(tls_options())
s = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), **options)
s.login(sys.argv[3], sys.argv[4])
s.quit()

# kind: explicit
# level: inference
# run: smtp-starttls

"""A context with a certificate of ours and no wish to see theirs."""

import os
import smtplib
import ssl
import sys


def context_for(certfile):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS)  # <- SD201 ctx
    if certfile:
        context.load_cert_chain(certfile)
    return context


smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
smtp.starttls(context=context_for(os.environ.get("CLIENT_CERTIFICATE")))  # <- SD201 ctx
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

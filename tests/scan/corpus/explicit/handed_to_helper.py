# kind: explicit
# level: flow
# run: smtp-starttls

import smtplib
import ssl
import sys


def relax(context):
    context.check_hostname = False  # <- SD201 ctx
    context.verify_mode = ssl.CERT_NONE  # <- SD201 ctx
    return context


smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
smtp.starttls(context=relax(ssl.create_default_context()))  # <- SD201 ctx
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

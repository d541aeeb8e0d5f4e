# kind: safe
# level: inference
# run: smtp-starttls

import smtplib
import ssl
import sys


def make_context(cafile=None):
    context = ssl.create_default_context(cafile=cafile)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


s = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
s.starttls(context=make_context())
s.login(sys.argv[3], sys.argv[4])
s.quit()

# kind: safe
# level: inference
# run: smtp-tls

import smtplib
import ssl
import sys


def send(host, port, context=ssl.create_default_context()):
    s = smtplib.SMTP_SSL(host, port, context=context)
    s.login(sys.argv[3], sys.argv[4])
    s.quit()


send(sys.argv[1], int(sys.argv[2]))

# kind: default
# level: inference
# run: smtp-starttls

import contextlib
import smtplib
import sys


@contextlib.contextmanager
def server(host, port):
    smtp = smtplib.SMTP(host, port)
    try:
        yield smtp
    finally:
        smtp.quit()


with server(sys.argv[1], int(sys.argv[2])) as s:
    s.starttls()  # <- SD101
    s.login(sys.argv[3], sys.argv[4])

# kind: default
# level: flow
# run: smtp-tls

import functools
import smtplib
import sys

connect = functools.partial(smtplib.SMTP_SSL, timeout=10)  # <- SD101 connect

smtp = connect(sys.argv[1], int(sys.argv[2]))  # <- SD101 connect
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

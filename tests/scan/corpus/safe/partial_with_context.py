# kind: safe
# level: flow
# run: smtp-tls

import functools
import smtplib
import ssl
import sys

connect = functools.partial(smtplib.SMTP_SSL, context=ssl.create_default_context())
s = connect(sys.argv[1], int(sys.argv[2]))
s.login(sys.argv[3], sys.argv[4])
s.quit()

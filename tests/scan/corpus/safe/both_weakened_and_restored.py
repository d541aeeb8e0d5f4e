# kind: safe
# level: flow
# run: smtp-tls

import smtplib
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS)
context.verify_mode = ssl.CERT_REQUIRED
context.check_hostname = True
context.load_default_certs()
s = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=context)
s.login(sys.argv[3], sys.argv[4])
s.quit()

# kind: explicit
# level: plain
# run: smtp-tls

import smtplib
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False  # <- SD201 ctx
context.verify_mode = ssl.CERT_NONE  # <- SD201 ctx
with smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=context) as smtp:  # <- SD201 ctx
    smtp.login(sys.argv[3], sys.argv[4])

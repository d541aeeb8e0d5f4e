# kind: explicit
# level: plain
# run: smtp-tls

import smtplib
import ssl
import sys

context = ssl.create_default_context()
context.check_hostname = False  # <- SD201 ctx
context.verify_mode = ssl.CERT_NONE  # <- SD201 ctx

smtp = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=context)  # <- SD201 ctx
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

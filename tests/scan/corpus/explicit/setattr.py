# kind: explicit
# level: flow
# run: smtp-starttls

import smtplib
import ssl
import sys

context = ssl.create_default_context()
for name, value in (("check_hostname", False), ("verify_mode", ssl.CERT_NONE)):
    setattr(context, name, value)  # <- SD201 ctx
smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
smtp.starttls(context=context)  # <- SD201 ctx
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

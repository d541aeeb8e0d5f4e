# kind: explicit
# level: inference
# run: smtp-tls

import smtplib
import ssl
import sys

create_context = ssl._create_unverified_context  # <- SD201 ctx
smtp = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=create_context())  # <- SD201 ctx
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

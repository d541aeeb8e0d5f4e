# kind: safe
# level: plain
# run: smtp-tls

import smtplib
import ssl
import sys

MIRROR = {"verify": ssl.CERT_REQUIRED}
smtp_context = ssl.create_default_context()
smtp_context.verify_mode = MIRROR["verify"]
s = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=smtp_context)
s.login(sys.argv[3], sys.argv[4])
s.quit()

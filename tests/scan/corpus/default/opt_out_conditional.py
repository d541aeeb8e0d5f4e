# kind: default
# level: inference
# run: smtp-tls

import os
import smtplib
import ssl
import sys

VERIFY = os.environ.get("SMTP_VERIFY", "") == "1"

smtp = smtplib.SMTP_SSL(
    sys.argv[1], int(sys.argv[2]), context=ssl.create_default_context() if VERIFY else None  # <- SD103 any
)
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

# kind: safe
# level: inference
# run: smtp-starttls

import os
import smtplib
import ssl
import sys

if "CA" in os.environ:
    context = ssl.create_default_context(cafile=os.environ["CA"])
else:
    context = ssl.create_default_context()
s = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
s.starttls(context=context)
s.login(sys.argv[3], sys.argv[4])
s.quit()

# kind: safe
# level: inference
# run: smtp-tls

import os
import smtplib
import ssl
import sys

SSL = os.environ.get("PLAIN") is None
kwargs = {"context": ssl.create_default_context()} if SSL else {}
cls = smtplib.SMTP_SSL if SSL else smtplib.SMTP
s = cls(sys.argv[1], int(sys.argv[2]), **kwargs)
s.login(sys.argv[3], sys.argv[4])
s.quit()

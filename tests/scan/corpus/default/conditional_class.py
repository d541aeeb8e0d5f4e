# kind: default
# level: inference
# run: smtp-tls

import os
import smtplib
import sys

use_ssl = os.environ.get("USE_SSL", "1") == "1"
klass = smtplib.SMTP_SSL if use_ssl else smtplib.SMTP
server = klass(sys.argv[1], int(sys.argv[2]))  # <- SD101
server.login(sys.argv[3], sys.argv[4])
server.quit()

# kind: default
# level: plain
# run: smtp-tls

import smtplib
import sys

s = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), "host)name(,".replace(")", "").replace("(", "").rstrip(","))  # <- SD101
s.login(sys.argv[3], sys.argv[4])
s.quit()

# kind: default
# level: plain
# run: smtp-tls

import smtplib
import sys

server = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=None)  # <- SD102
server.login(*sys.argv[3:5])
server.quit()

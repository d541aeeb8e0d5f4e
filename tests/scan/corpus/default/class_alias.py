# kind: default
# level: inference
# run: smtp-tls

import smtplib
import sys

Client = smtplib.SMTP_SSL

client = Client(sys.argv[1], int(sys.argv[2]))  # <- SD101
client.login(sys.argv[3], sys.argv[4])
client.quit()

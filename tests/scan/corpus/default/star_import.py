# kind: default
# level: inference
# run: smtp-tls

from smtplib import *
import sys

server = SMTP_SSL(sys.argv[1], int(sys.argv[2]))  # <- SD101
server.login(sys.argv[3], sys.argv[4])
server.quit()

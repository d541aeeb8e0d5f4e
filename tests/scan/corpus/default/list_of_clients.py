# kind: default
# level: flow
# run: smtp-starttls

import smtplib
import sys

hosts = [(sys.argv[1], int(sys.argv[2]))]
servers = [smtplib.SMTP(host, port) for host, port in hosts]
for server in servers:
    server.starttls()  # <- SD101
    server.login(sys.argv[3], sys.argv[4])
    server.quit()

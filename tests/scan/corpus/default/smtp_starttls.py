# kind: default
# level: plain
# run: smtp-starttls

import smtplib
import sys

host, port, user, password = sys.argv[1:5]

server = smtplib.SMTP(host, int(port))
server.ehlo()
server.starttls()  # <- SD101
server.ehlo()
server.login(user, password)
server.sendmail("me@example.test", ["you@example.test"], "Subject: hi\r\n\r\nhello")
server.quit()

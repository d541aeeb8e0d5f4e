# kind: safe
# level: inference
# run: smtp-starttls

import smtplib
import ssl
import sys


class Fake:
    def starttls(self):
        print("nothing to do")


server = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
server.starttls(context=ssl.create_default_context())
server.login(sys.argv[3], sys.argv[4])
server.quit()
server = Fake()
server.starttls()

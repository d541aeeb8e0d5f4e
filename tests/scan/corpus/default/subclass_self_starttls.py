# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys


class Session(smtplib.SMTP):
    def open(self, user, password):
        self.ehlo()
        self.starttls()  # <- SD101
        self.login(user, password)


s = Session(sys.argv[1], int(sys.argv[2]))
s.open(sys.argv[3], sys.argv[4])
s.quit()

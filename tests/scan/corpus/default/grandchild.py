# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys


class Base(smtplib.SMTP):
    debuglevel = 0


class Polite(Base):
    def introduce(self):
        self.ehlo_or_helo_if_needed()


s = Polite(sys.argv[1], int(sys.argv[2]))
s.introduce()
s.starttls()  # <- SD101
s.login(sys.argv[3], sys.argv[4])
s.quit()

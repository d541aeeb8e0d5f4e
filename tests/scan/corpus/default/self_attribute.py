# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys


class Mailer:
    def __init__(self, host, port):
        self.smtp = smtplib.SMTP(host, port)

    def login(self, user, password):
        self.smtp.ehlo()
        self.smtp.starttls()  # <- SD101
        self.smtp.login(user, password)

    def close(self):
        self.smtp.quit()


mailer = Mailer(sys.argv[1], int(sys.argv[2]))
mailer.login(sys.argv[3], sys.argv[4])
mailer.close()

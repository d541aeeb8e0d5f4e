# kind: explicit
# level: inference
# run: smtp-starttls

import smtplib
import ssl
import sys


class Mailer:
    def __init__(self):
        self.context = ssl._create_unverified_context()  # <- SD201 ctx

    def send(self):
        smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
        smtp.starttls(context=self.context)  # <- SD201 ctx
        smtp.login(sys.argv[3], sys.argv[4])
        smtp.quit()


Mailer().send()

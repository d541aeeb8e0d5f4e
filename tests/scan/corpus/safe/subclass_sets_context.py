# kind: safe
# level: inference
# run: smtp-tls

import smtplib
import ssl
import sys


class Verified(smtplib.SMTP_SSL):
    def __init__(self, *args, **kwargs):
        kwargs["context"] = ssl.create_default_context()
        super().__init__(*args, **kwargs)


s = Verified(sys.argv[1], int(sys.argv[2]))
s.login(sys.argv[3], sys.argv[4])
s.quit()

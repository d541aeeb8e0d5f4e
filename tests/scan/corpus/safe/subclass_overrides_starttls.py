# kind: safe
# level: inference
# run: smtp-starttls

import smtplib
import ssl
import sys


class Verified(smtplib.SMTP):
    def starttls(self, *args, **kwargs):
        kwargs.setdefault("context", ssl.create_default_context())
        return super().starttls(*args, **kwargs)


s = Verified(sys.argv[1], int(sys.argv[2]))
s.starttls()
s.login(sys.argv[3], sys.argv[4])
s.quit()

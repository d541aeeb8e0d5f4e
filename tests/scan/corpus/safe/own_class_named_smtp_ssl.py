# kind: safe
# level: inference
# run: smtp-tls

import smtplib
import ssl
import sys


class SMTP_SSL(smtplib.SMTP_SSL):
    """Shadows the name; knows better."""

    def __init__(self, host, port):
        super().__init__(host, port, context=ssl.create_default_context())


s = SMTP_SSL(sys.argv[1], int(sys.argv[2]))
s.login(sys.argv[3], sys.argv[4])
s.quit()

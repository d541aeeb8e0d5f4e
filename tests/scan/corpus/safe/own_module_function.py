# kind: safe
# level: inference
# run: smtp-tls

import smtplib as _smtplib
import ssl
import sys


class smtplib:
    """A namespace with the name of the module."""

    @staticmethod
    def SMTP_SSL(host, port):
        return _smtplib.SMTP_SSL(host, port, context=ssl.create_default_context())


s = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]))
s.login(sys.argv[3], sys.argv[4])
s.quit()

# kind: explicit
# level: inference
# run: smtp-tls

import smtplib
import socket
import ssl
import sys


class SmtpOverTls(smtplib.SMTP_SSL):
    def _get_socket(self, host, port, timeout):
        sock = socket.create_connection((host, port), timeout)
        return self.context.wrap_socket(sock)  # <- SD202


s = SmtpOverTls(sys.argv[1], int(sys.argv[2]))  # <- SD101
s.login(sys.argv[3], sys.argv[4])
s.quit()

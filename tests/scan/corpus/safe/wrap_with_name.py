# kind: safe
# level: plain
# run: imap-tls

import imaplib
import socket
import ssl
import sys


class Imap(imaplib.IMAP4):
    def _create_socket(self, timeout=None):
        sock = socket.create_connection((self.host, self.port), timeout)
        return ssl.create_default_context().wrap_socket(sock, server_hostname=self.host)


box = Imap(sys.argv[1], int(sys.argv[2]))
box.login(sys.argv[3], sys.argv[4])
box.logout()

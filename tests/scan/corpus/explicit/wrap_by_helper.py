# kind: explicit
# level: flow
# run: pop-tls

"""A replacement for the function that is gone since Python 3.12."""

import poplib
import socket
import ssl
import sys


def wrap_socket(sock, cert_reqs=ssl.CERT_NONE, ssl_version=ssl.PROTOCOL_TLS, ca_certs=None, server_hostname=None):
    context = ssl.SSLContext(ssl_version)  # <- SD201 any ctx
    context.verify_mode = cert_reqs  # <- SD201 any ctx
    if ca_certs:
        context.load_verify_locations(ca_certs)
    return context.wrap_socket(sock, server_hostname=server_hostname)


class Pop(poplib.POP3):
    def _create_socket(self, timeout):
        return wrap_socket(socket.create_connection((self.host, self.port), 30), server_hostname=self.host)


box = Pop(sys.argv[1], int(sys.argv[2]))
box.user(sys.argv[3])
box.pass_(sys.argv[4])
box.quit()

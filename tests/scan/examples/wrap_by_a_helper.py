# expect: SD201 possible | context = ssl.SSLContext(version)
import poplib
import ssl


def wrap_socket(
    sock,
    server_side=False,
    cert_reqs=ssl.CERT_NONE,
    version=getattr(ssl, "PROTOCOL_TLS", None),
    ca_certs=None,
):
    context = ssl.SSLContext(version)
    context.verify_mode = cert_reqs
    if ca_certs:
        context.load_verify_locations(ca_certs)
    return context.wrap_socket(sock, server_side=server_side)


class Pop(poplib.POP3):
    def begin(self, sock):
        self.sock = wrap_socket(sock, ca_certs=self.ca_certs)

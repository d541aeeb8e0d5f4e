# expect: SD201 definite | self.context = ssl._create_stdlib_context()
# expect: SD202 definite | return self.context.wrap_socket(socket.create_connection((self.host, self.port)))
# expect: SD201 definite | context.verify_mode = ssl.CERT_NONE
# expect: SD201 possible | CONTEXT = ssl._create_unverified_context()
import imaplib
import socket
import ssl

CONTEXT = ssl._create_unverified_context()


class Box(imaplib.IMAP4):
    def __init__(self, host, port):
        self.context = ssl._create_stdlib_context()
        super().__init__(host, port)

    def _create_socket(self, timeout=None):
        return self.context.wrap_socket(socket.create_connection((self.host, self.port)))


class Named(imaplib.IMAP4):
    def _create_socket(self, timeout=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(socket.create_connection((self.host, self.port)), server_hostname=self.host)


def wrap(sock):
    return CONTEXT.wrap_socket(sock)

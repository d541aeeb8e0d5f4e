# expect: SD202 definite | self.ssl_context.wrap_socket(sock)
# expect: SD101 definite fixable | Box("mail.example.test")
import imaplib
import socket


class Box(imaplib.IMAP4_SSL):
    def _create_socket(self, timeout=None):
        sock = socket.create_connection((self.host, self.port), timeout)
        self.ssl_context.set_ciphers("HIGH")
        return self.ssl_context.wrap_socket(sock)


Box("mail.example.test")

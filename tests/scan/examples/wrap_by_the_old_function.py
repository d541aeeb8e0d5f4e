# expect: SD201 definite | return ssl.wrap_socket(sock, self.keyfile)
# expect: SD201 definite | return ssl.wrap_socket(sock, cert_reqs=ssl.CERT_NONE)
import imaplib
import smtplib
import socket
import ssl


class Mail(smtplib.SMTP):
    def _get_socket(self, host, port, timeout):
        sock = socket.create_connection((host, port), timeout)
        return ssl.wrap_socket(sock, self.keyfile)


class Box(imaplib.IMAP4):
    def _create_socket(self, timeout=None):
        sock = socket.create_connection((self.host, self.port), timeout)
        if self.verified:
            return ssl.wrap_socket(sock, cert_reqs=ssl.CERT_REQUIRED, ca_certs="ca.pem")
        return ssl.wrap_socket(sock, cert_reqs=ssl.CERT_NONE)


def serve(connection):
    return ssl.wrap_socket(connection, server_side=True)

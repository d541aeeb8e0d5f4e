# expect: SD202 possible | client.wrap_socket(sock)
# expect: SD202 definite | client.wrap_socket(self.sock)
import smtplib
import ssl

client = ssl.create_default_context()


def wrap(sock, options):
    client.wrap_socket(sock, server_side=True)
    client.wrap_socket(sock, **options)
    client.wrap_socket(sock)


class Mail(smtplib.SMTP):
    def begin(self):
        self.sock = client.wrap_socket(self.sock)
        self.sock = client.wrap_socket(self.sock, server_side=False, server_hostname=self._host)

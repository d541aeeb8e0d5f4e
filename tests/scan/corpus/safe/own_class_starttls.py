# kind: safe
# level: inference
# run: imap-starttls

"""A client of our own which has the same method names, and verifies."""

import socket
import ssl
import sys


class Session:
    def __init__(self, host, port):
        self.host = host
        self.sock = socket.create_connection((host, int(port)))
        self.sock.recv(1000)

    def command(self, text):
        self.sock.sendall(b"a1 " + text.encode() + b"\r\n")
        return self.sock.recv(1000)

    def starttls(self):
        self.command("STARTTLS")
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def login(self, user, password):
        self.command("LOGIN %s %s" % (user, password))


session = Session(sys.argv[1], sys.argv[2])
session.starttls()
session.login(sys.argv[3], sys.argv[4])
session.command("LOGOUT")

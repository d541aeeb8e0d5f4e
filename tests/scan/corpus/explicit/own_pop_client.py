# kind: explicit
# level: inference
# run: pop-tls

"""A client of our own, with fewer features than poplib has."""

import socket
import ssl
import sys


def encrypt(sock, context, host):
    if context is None:
        context = ssl._create_stdlib_context()  # <- SD201
    return context.wrap_socket(sock, server_hostname=host)


class POP3:
    def __init__(self, host, port, context=None):
        self.file = encrypt(socket.create_connection((host, port), 30), context, host).makefile("rwb")
        self.file.readline()

    def command(self, *words):
        self.file.write(" ".join(words).encode() + b"\r\n")
        self.file.flush()
        return self.file.readline()


box = POP3(sys.argv[1], int(sys.argv[2]))
box.command("USER", sys.argv[3])
box.command("PASS", sys.argv[4])
box.command("QUIT")

# expect: SD201 definite | context = ssl._create_stdlib_context()
"""nntplib, as it was up to Python 3.12."""

import ssl


def encrypt(sock, context, name):
    if context is None:
        context = ssl._create_stdlib_context()
    return context.wrap_socket(sock, server_hostname=name)


class NNTP:
    def starttls(self, context=None):
        self.sock = encrypt(self.sock, context, self.host)

# kind: safe
# level: plain
# run: none (a server)

import asyncore_like
import ssl


class Handler(asyncore_like.Handler):
    def starttls(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain("server.pem")
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def smtp_STARTTLS(self, arg):
        self.push("220 go ahead")
        self.starttls()

# kind: safe
# level: plain
# run: none (another protocol)

import socket
import ssl

context = ssl.create_default_context()
context.check_hostname = True
with socket.create_connection(("db.example.test", 5432)) as raw:
    with context.wrap_socket(raw, server_hostname="db.example.test") as db:
        db.sendall(b"x")

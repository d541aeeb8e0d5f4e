# kind: possible
# level: plain
# run: none (a library that nobody calls here)

def upgrade(server):
    server.ehlo()
    if server.has_extn("STARTTLS"):
        server.starttls()  # <- SD101 possible
        server.ehlo()

import sys

import logbook

host, port, user, password = sys.argv[1:]
handler = logbook.MailHandler(
    "a@example.test", ["b@example.test"], server_addr=(host, int(port)), credentials=(user, password), secure=True
)
with handler.applicationbound():
    logbook.Logger("drive").error("text")

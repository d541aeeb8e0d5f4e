import sys

from py4web.utils.mailer import Mailer

host, port, user, password = sys.argv[1:]
mailer = Mailer(host + ":" + port, "a@example.test", user + ":" + password, tls=True, ssl=False)
mailer.send("b@example.test", "subject", body="text")

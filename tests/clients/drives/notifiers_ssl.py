import sys

from notifiers import get_notifier

host, port, user, password = sys.argv[1:]
options = {"host": host, "port": int(port), "ssl": True, "username": user, "password": password}
options.update({"from": "a@example.test", "to": "b@example.test", "subject": "subject"})
get_notifier("email").notify(message="text", raise_on_errors=True, **options)

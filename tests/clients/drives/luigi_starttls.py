import sys

import luigi.configuration
from luigi.notifications import send_error_email

host, port, user, password = sys.argv[1:]
config = luigi.configuration.get_config()
for name, value in {"host": host, "port": port, "username": user, "password": password}.items():
    config.set("smtp", name, value)
config.set("email", "receiver", "b@example.test")
config.set("email", "sender", "a@example.test")
config.set("email", "force_send", "true")
send_error_email("subject", "text")

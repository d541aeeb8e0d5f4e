import sys

from email_to import EmailServer

host, port, user, password = sys.argv[1:]
EmailServer(host, int(port), user, password).quick_email("b@example.test", "subject", ["text"])

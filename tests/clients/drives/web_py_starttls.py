import sys

import web

host, port, user, password = sys.argv[1:]
web.config.smtp_server, web.config.smtp_port = host, int(port)
web.config.smtp_username, web.config.smtp_password, web.config.smtp_starttls = user, password, True
web.sendmail("a@example.test", "b@example.test", "subject", "text")

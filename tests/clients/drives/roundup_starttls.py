import sys

from roundup.configuration import CoreConfig
from roundup.mailer import Mailer

host, port, user, password = sys.argv[1:]
config = CoreConfig()
config.MAILHOST, config["MAIL_PORT"], config["MAIL_TLS"] = host, int(port), "yes"
config["MAIL_USERNAME"], config["MAIL_PASSWORD"] = user, password
Mailer(config).smtp_send(["b@example.test"], "Subject: subject\r\n\r\ntext", sender="a@example.test")

import os
import sys

from trac.env import Environment
from trac.notification.mail import SmtpEmailSender

host, port, user, password = sys.argv[1:]
options = {"smtp_server": host, "smtp_port": port, "smtp_user": user, "smtp_password": password, "use_tls": "enabled"}
folder = os.path.abspath("project")
env = Environment(folder, create=True, options=[("notification", name, value) for name, value in options.items()])
SmtpEmailSender(env).send("a@example.test", ["b@example.test"], b"Subject: subject\r\n\r\ntext")

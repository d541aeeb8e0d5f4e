import sys

from trac.env import Environment
from trac.notification.mail import SmtpEmailSender

host, port, user, password = sys.argv[1:]
values = {"smtp_server": host, "smtp_port": port, "smtp_user": user, "smtp_password": password, "use_tls": "enabled"}
env = Environment("project", create=True, options=[("notification", name, value) for name, value in values.items()])
SmtpEmailSender(env).send("a@example.test", ["b@example.test"], b"Subject: subject\r\n\r\ntext")

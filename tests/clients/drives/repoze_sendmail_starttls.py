import sys
from email.message import Message

from repoze.sendmail.mailer import SMTPMailer

host, port, user, password = sys.argv[1:]
message = Message()
message["Subject"] = "subject"
SMTPMailer(host, int(port), user, password, force_tls=True).send("a@example.test", ["b@example.test"], message)

import sys

from redmail import EmailSender

host, port, user, password = sys.argv[1:]
email = EmailSender(host, int(port), username=user, password=password)
email.send(subject="subject", sender="a@example.test", receivers=["b@example.test"], text="text")

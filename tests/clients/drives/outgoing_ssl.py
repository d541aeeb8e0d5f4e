import sys
from email.message import EmailMessage

from outgoing import from_dict

host, port, user, password = sys.argv[1:]
message = EmailMessage()
message["From"], message["To"], message["Subject"] = "a@example.test", "b@example.test", "subject"
options = {"host": host, "port": int(port), "ssl": True, "username": user, "password": password}
with from_dict({"method": "smtp", **options}) as sender:
    sender.send(message)

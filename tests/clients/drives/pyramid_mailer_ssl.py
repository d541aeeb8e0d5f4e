import sys

from pyramid_mailer.mailer import Mailer
from pyramid_mailer.message import Message

host, port, user, password = sys.argv[1:]
mailer = Mailer(host=host, port=int(port), ssl=True, username=user, password=password)
mailer.send_immediately(Message("subject", ["b@example.test"], "text", sender="a@example.test"))

import sys

from django.conf import settings

settings.configure()

from django_mailbox.transports import Pop3Transport  # noqa: E402

host, port, user, password = sys.argv[1:]
transport = Pop3Transport(host, int(port), ssl=True)
transport.connect(user, password)
print(len(list(transport.get_message())), "messages")

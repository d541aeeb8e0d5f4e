import sys

from envelopes import SMTP, Envelope

host, port, user, password = sys.argv[1:]
envelope = Envelope("a@example.test", "b@example.test", "subject", text_body="text")
SMTP(host, int(port), login=user, password=password, tls=True).send(envelope)

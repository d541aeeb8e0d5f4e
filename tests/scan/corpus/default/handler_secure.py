# kind: default
# level: plain
# run: smtp-starttls

import logging
import logging.handlers
import sys

host, port, user, password = sys.argv[1:]

log = logging.getLogger("app")
handler = logging.handlers.SMTPHandler(  # <- SD401
    mailhost=(host, int(port)),
    fromaddr="app@example.test",
    toaddrs=["ops@example.test"],
    subject="It broke",
    credentials=(user, password),
    secure=(),
)
log.addHandler(handler)
log.error("disk on fire")

# kind: safe
# level: plain
# run: none (clear text on purpose, another rule's business)

import logging
from logging.handlers import SMTPHandler

logging.getLogger().addHandler(SMTPHandler("localhost", "a@example.test", ["b@example.test"], "x"))
logging.getLogger().addHandler(SMTPHandler(("localhost", 25), "a@example.test", ["b@example.test"], "x", secure=None))

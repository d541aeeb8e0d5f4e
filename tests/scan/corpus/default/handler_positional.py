# kind: default
# level: plain
# run: smtp-starttls

import logging
import sys
from logging.handlers import SMTPHandler

_, host, port, user, password = sys.argv
mail = SMTPHandler((host, port), "a@example.test", "b@example.test", "error", (user, password), ())  # <- SD401
logging.getLogger().addHandler(mail)
logging.getLogger().warning("careful")

# kind: default
# level: inference
# run: smtp-starttls

import logging
import logging.handlers
import sys


class HtmlHandler(logging.handlers.SMTPHandler):
    def getSubject(self, record):
        return "[%s] %s" % (record.levelname, record.getMessage())


handler = HtmlHandler((sys.argv[1], int(sys.argv[2])), "a@example.test", ["b@example.test"], "x",  # <- SD401
                      credentials=(sys.argv[3], sys.argv[4]), secure=())
logging.getLogger().addHandler(handler)
logging.error("oh")

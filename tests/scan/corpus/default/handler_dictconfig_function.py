# kind: default
# level: flow
# run: smtp-starttls

import logging
import sys
from logging.config import dictConfig


def mail_handler():
    return {
        "class": "logging.handlers.SMTPHandler",
        "mailhost": [sys.argv[1], int(sys.argv[2])],
        "fromaddr": "a@example.test",
        "toaddrs": ["b@example.test"],
        "subject": "x",
        "credentials": [sys.argv[3], sys.argv[4]],
        "secure": [],  # <- SD402
    }


dictConfig({"version": 1, "handlers": {"mail": mail_handler()}, "root": {"handlers": ["mail"]}})
logging.error("oh")

# kind: default
# level: plain
# run: smtp-starttls

import logging.config
import sys

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler"},
        "mail": {
            "class": "logging.handlers.SMTPHandler",
            "level": "ERROR",
            "mailhost": (sys.argv[1], int(sys.argv[2])),
            "fromaddr": "app@example.test",
            "toaddrs": ["ops@example.test"],
            "subject": "It broke",
            "credentials": (sys.argv[3], sys.argv[4]),
            "secure": (),  # <- SD402
        },
    },
    "root": {"handlers": ["console", "mail"], "level": "INFO"},
}

logging.config.dictConfig(LOGGING)
logging.error("it did")

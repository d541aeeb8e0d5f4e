# kind: default
# level: flow
# run: smtp-starttls

import configparser
import logging
import logging.config
import sys

INI = """
[loggers]
keys = root

[handlers]
keys = mail

[formatters]
keys =

[logger_root]
level = ERROR
handlers = mail

[handler_mail]
class = handlers.SMTPHandler
args = (("%s", %s), "a@example.test", ["b@example.test"], "broken", ("%s", "%s"), ())
"""  # <- SD402

parser = configparser.RawConfigParser()
parser.read_string(INI % tuple(sys.argv[1:5]))
logging.config.fileConfig(parser)
logging.error("oh")

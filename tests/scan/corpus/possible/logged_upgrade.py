# kind: possible
# level: inference
# run: pop-stls
# effect: clear
# server: strip

import logging
import poplib
import ssl
import sys

pop = poplib.POP3(sys.argv[1], int(sys.argv[2]))
try:
    pop.stls(context=ssl.create_default_context())  # <- SD303 possible swallow
except poplib.error_proto as e:  # <- SD303 possible swallow
    logging.warning("no STLS: %s", e)
pop.user(sys.argv[3])
pop.pass_(sys.argv[4])
pop.quit()

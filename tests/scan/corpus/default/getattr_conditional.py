# kind: default
# level: flow
# run: pop-tls

import poplib
import sys

SSL = True

pop_class = getattr(poplib, "POP3_SSL" if SSL else "POP3")
box = pop_class(host=sys.argv[1], port=int(sys.argv[2]))  # <- SD101
box.user(sys.argv[3])
box.pass_(sys.argv[4])
box.quit()

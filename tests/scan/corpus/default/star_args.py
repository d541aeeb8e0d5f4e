# kind: default
# level: inference
# run: pop-tls

import poplib
import sys

address = (sys.argv[1], int(sys.argv[2]))
box = poplib.POP3_SSL(*address)  # <- SD101
box.user(sys.argv[3])
box.pass_(sys.argv[4])
box.quit()

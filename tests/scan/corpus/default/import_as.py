# kind: default
# level: plain
# run: pop-tls

import poplib as pop
import sys as _sys

box = pop.POP3_SSL(_sys.argv[1], _sys.argv[2])  # <- SD101
box.user(_sys.argv[3])
box.pass_(_sys.argv[4])
box.quit()

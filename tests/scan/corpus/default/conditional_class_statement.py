# kind: default
# level: inference
# run: pop-tls

import poplib
import sys


def factory(secure):
    if secure:
        cls = poplib.POP3_SSL
    else:
        cls = poplib.POP3
    return cls(sys.argv[1], int(sys.argv[2]), timeout=10)  # <- SD101


box = factory(True)
box.user(sys.argv[3])
box.pass_(sys.argv[4])
box.quit()

# kind: default
# level: inference
# run: pop-stls

import poplib
import sys


def registry():
    return {"open": poplib.POP3}


def open_box(host: str, port: int) -> poplib.POP3:
    return registry()["open"](host, port)


box = open_box(sys.argv[1], int(sys.argv[2]))
box.stls()  # <- SD101
box.user(sys.argv[3])
box.pass_(sys.argv[4])
box.quit()

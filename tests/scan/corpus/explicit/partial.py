# kind: explicit
# level: flow
# run: pop-tls

import functools
import poplib
import ssl
import sys

connect = functools.partial(poplib.POP3_SSL, context=ssl._create_unverified_context())  # <- SD201 ctx
box = connect(sys.argv[1], int(sys.argv[2]))  # <- SD201 ctx
box.user(sys.argv[3])
box.pass_(sys.argv[4])
box.quit()

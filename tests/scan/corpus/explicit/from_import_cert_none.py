# kind: explicit
# level: plain
# run: pop-stls

import poplib
import sys
from ssl import CERT_NONE, create_default_context

ctx = create_default_context()
ctx.check_hostname, ctx.verify_mode = False, CERT_NONE  # <- SD201 ctx

pop = poplib.POP3(sys.argv[1], int(sys.argv[2]))
pop.stls(ctx)  # <- SD201 ctx
pop.user(sys.argv[3])
pop.pass_(sys.argv[4])
pop.quit()

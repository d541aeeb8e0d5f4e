# kind: safe
# level: plain
# run: pop-stls

import poplib
import ssl
import sys

pop = poplib.POP3(sys.argv[1], int(sys.argv[2]))
pop.stls(ssl.create_default_context())
pop.user(sys.argv[3])
pop.pass_(sys.argv[4])
pop.quit()

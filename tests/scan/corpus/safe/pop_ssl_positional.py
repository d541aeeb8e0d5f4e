# kind: safe
# level: plain
# run: pop-tls
# python: <3.12

import poplib
import ssl
import sys

pop = poplib.POP3_SSL(sys.argv[1], int(sys.argv[2]), None, None, 10, ssl.create_default_context())
pop.user(sys.argv[3])
pop.pass_(sys.argv[4])
pop.quit()

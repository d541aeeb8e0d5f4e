# kind: default
# level: plain
# run: pop-stls

import poplib
import sys

pop = poplib.POP3(sys.argv[1], int(sys.argv[2]), timeout=10)
print(pop.getwelcome())
pop.stls()  # <- SD101
pop.user(sys.argv[3])
pop.pass_(sys.argv[4])
pop.quit()

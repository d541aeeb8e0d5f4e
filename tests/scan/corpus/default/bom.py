# kind: default
# level: plain
# run: pop-tls

import poplib
import sys

text = "größer"
box = poplib.POP3_SSL(sys.argv[1], int(sys.argv[2]))  # "ö" <- SD101
box.user(sys.argv[3]); box.pass_(sys.argv[4])
box.quit()

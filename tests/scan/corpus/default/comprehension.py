# kind: default
# level: inference
# run: pop-tls

import poplib
import sys

boxes = [poplib.POP3_SSL(host, sys.argv[2]) for host in sys.argv[1].split(",")]  # <- SD101
for box in boxes:
    box.user(sys.argv[3])
    box.pass_(sys.argv[4])
    box.quit()

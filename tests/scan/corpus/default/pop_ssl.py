# kind: default
# level: plain
# run: pop-tls

import poplib
import sys

M = poplib.POP3_SSL(sys.argv[1], int(sys.argv[2]))  # <- SD101
M.user(sys.argv[3])
M.pass_(sys.argv[4])
numMessages, size = M.stat()
print(numMessages, "messages")
M.quit()

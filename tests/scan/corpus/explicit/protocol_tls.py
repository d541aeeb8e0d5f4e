# kind: explicit
# level: plain
# run: pop-tls

import poplib
import ssl
import sys

box = poplib.POP3_SSL(sys.argv[1], int(sys.argv[2]), context=ssl.SSLContext(ssl.PROTOCOL_TLS))  # <- SD201
box.user(sys.argv[3])
box.pass_(sys.argv[4])
box.quit()

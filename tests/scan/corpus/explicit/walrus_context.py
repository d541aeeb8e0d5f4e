# kind: explicit
# level: inference
# run: pop-tls

import poplib
import ssl
import sys

(context := ssl.create_default_context()).check_hostname = False  # <- SD201 ctx
context.verify_mode = ssl.CERT_NONE  # <- SD201 ctx
box = poplib.POP3_SSL(sys.argv[1], int(sys.argv[2]), context=context)  # <- SD201 ctx
box.user(sys.argv[3])
box.pass_(sys.argv[4])
box.quit()

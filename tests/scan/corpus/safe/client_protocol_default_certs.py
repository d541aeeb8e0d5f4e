# kind: safe
# level: plain
# run: pop-tls

import poplib
import ssl
import sys


def context():
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.load_default_certs()
    return ctx


box = poplib.POP3_SSL(sys.argv[1], int(sys.argv[2]), context=context())
box.user(sys.argv[3])
box.pass_(sys.argv[4])
box.quit()

# kind: explicit
# level: inference
# run: nntp-tls

import nntplib
import ssl
import sys

context = ssl.create_default_context()
context.check_hostname = False  # <- SD201 ctx
context.verify_mode = ssl.VerifyMode.CERT_NONE  # <- SD201 ctx
news = nntplib.NNTP_SSL(sys.argv[1], int(sys.argv[2]), ssl_context=context)  # <- SD201 ctx
news.login(sys.argv[3], sys.argv[4])
news.quit()

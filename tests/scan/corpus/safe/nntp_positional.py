# kind: safe
# level: plain
# run: nntp-tls

import nntplib
import ssl
import sys

news = nntplib.NNTP_SSL(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], ssl.create_default_context())
news.quit()

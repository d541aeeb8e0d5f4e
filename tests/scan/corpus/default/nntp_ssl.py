# kind: default
# level: plain
# run: nntp-tls

import nntplib
import sys

with nntplib.NNTP_SSL(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]) as news:  # <- SD101
    print(news.getwelcome())

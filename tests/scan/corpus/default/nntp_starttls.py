# kind: default
# level: plain
# run: nntp-starttls

from nntplib import NNTP
import sys

news = NNTP(sys.argv[1], port=int(sys.argv[2]))
news.starttls()  # <- SD101
news.login(sys.argv[3], sys.argv[4])
news.quit()

# kind: default
# level: flow
# run: imap-tls

import imaplib
import sys
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor() as pool:
    future = pool.submit(imaplib.IMAP4_SSL, sys.argv[1], int(sys.argv[2]))  # <- SD101
    box = future.result()
box.login(sys.argv[3], sys.argv[4])
box.logout()

# kind: default
# level: inference
# run: imap-tls

import imaplib
import sys
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(1) as pool:
    box = pool.submit(lambda: imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]))).result()  # <- SD101
box.login(sys.argv[3], sys.argv[4])
box.logout()

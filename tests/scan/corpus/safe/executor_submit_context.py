# kind: safe
# level: flow
# run: smtp-tls

import smtplib
import ssl
import sys
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(1) as pool:
    future = pool.submit(smtplib.SMTP_SSL, sys.argv[1], int(sys.argv[2]), context=ssl.create_default_context())
    s = future.result()
s.login(sys.argv[3], sys.argv[4])
s.quit()

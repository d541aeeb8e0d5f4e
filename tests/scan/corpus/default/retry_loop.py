# kind: default
# level: inference
# run: smtp-starttls

import smtplib
import sys
import time

server = None
for attempt in range(3):
    try:
        server = smtplib.SMTP(sys.argv[1], int(sys.argv[2]), timeout=5)
        break
    except OSError:
        time.sleep(2 ** attempt)
if server is None:
    sys.exit(1)
server.starttls()  # <- SD101
server.login(sys.argv[3], sys.argv[4])
server.quit()

# kind: default
# level: plain
# run: smtp-tls

import smtplib
import sys

server = smtplib.SMTP_SSL(  # <- SD101
    sys.argv[1],  # the relay of the data centre (see the wiki)
    int(sys.argv[2]),  # not 25!
    # nobody knows why we need this:
    timeout=30  # seconds
    # the end
)
server.login(
    sys.argv[3],
    sys.argv[4],
)
server.quit()

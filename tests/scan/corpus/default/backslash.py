# kind: default
# level: plain
# run: smtp-starttls
# expect: SD101 line 11

import smtplib
import sys

s = smtplib.SMTP(sys.argv[1], \
                 int(sys.argv[2]))
s \
    .starttls()
s.login(sys.argv[3],
        sys.argv[4])
s.quit()

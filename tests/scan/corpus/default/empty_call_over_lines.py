# kind: default
# level: plain
# run: smtp-starttls

import smtplib
import sys

s = smtplib.SMTP(
    sys.argv[1],
    int(sys.argv[2]),
)
s.starttls(  # <- SD101
    # no certificate of ours
)
s.login(sys.argv[3], sys.argv[4])
s.quit()

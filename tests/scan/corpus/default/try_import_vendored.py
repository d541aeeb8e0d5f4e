# kind: default
# level: inference
# run: smtp-starttls

import sys

try:
    from our_vendored_libraries import smtplib
except ImportError:
    import smtplib

s = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
s.starttls()  # <- SD101
s.login(sys.argv[3], sys.argv[4])
s.quit()

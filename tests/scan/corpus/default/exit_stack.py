# kind: default
# level: inference
# run: smtp-starttls

import sys
from contextlib import ExitStack
from smtplib import SMTP

with ExitStack() as stack:
    smtp = stack.enter_context(SMTP(sys.argv[1], int(sys.argv[2])))
    smtp.starttls()  # <- SD101
    smtp.login(sys.argv[3], sys.argv[4])

# kind: safe
# level: plain
# run: smtp-starttls

import smtplib
import ssl
import sys

s = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
s.starttls(
    # the platform's store
    context=ssl.create_default_context(
        purpose=ssl.Purpose.SERVER_AUTH,
    ),
)
s.login(sys.argv[3], sys.argv[4])
s.quit()

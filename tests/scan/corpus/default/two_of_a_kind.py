# kind: default
# level: plain
# run: smtp-starttls

import smtplib
import ssl
import sys

port = int(sys.argv[2])

with smtplib.SMTP(sys.argv[1], port) as first:
    first.starttls()  # <- SD101
    first.login(sys.argv[3], sys.argv[4])

with smtplib.SMTP(sys.argv[1], port) as second:
    try:
        second.starttls(context=ssl.create_default_context())
    except ssl.SSLError:
        print("as it should be")

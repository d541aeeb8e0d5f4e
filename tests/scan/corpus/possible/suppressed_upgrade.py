# kind: possible
# level: plain
# run: smtp-starttls
# effect: clear
# server: strip

import contextlib
import smtplib
import ssl
import sys

smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
with contextlib.suppress(smtplib.SMTPException):  # <- SD303 possible swallow
    smtp.starttls(context=ssl.create_default_context())  # <- SD303 possible swallow
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

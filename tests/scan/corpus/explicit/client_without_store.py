# kind: explicit
# level: plain
# run: smtp-tls
# effect: broken

"""Verifies against nothing, and so never connects; the next edit will be CERT_NONE."""

import smtplib
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # <- SD201 ctx
smtp = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=context)  # <- SD201 ctx
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

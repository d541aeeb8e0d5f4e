# kind: safe
# level: plain
# run: smtp-tls

"""Do not write smtplib.SMTP_SSL(host) or server.starttls() without a context."""

import smtplib
import ssl
import sys

HELP = """
    server = smtplib.SMTP(host)
    server.starttls()
"""

# smtplib.SMTP_SSL(host, port)
s = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=ssl.create_default_context())
s.login(sys.argv[3], sys.argv[4])
s.quit()

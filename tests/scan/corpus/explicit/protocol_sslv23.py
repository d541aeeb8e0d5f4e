# kind: explicit
# level: plain
# run: smtp-starttls

import smtplib
import ssl
import sys

# works with the old Exchange, too
tls_context = ssl.SSLContext(ssl.PROTOCOL_SSLv23)  # <- SD201 ctx
server = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
server.ehlo()
server.starttls(context=tls_context)  # <- SD201 ctx
server.login(sys.argv[3], sys.argv[4])
server.quit()

# kind: safe
# level: plain
# run: ftp-tls
# python: <3.12

import ftplib
import ssl
import sys

ctx = ssl.create_default_context()
ftp = ftplib.FTP_TLS("", "", "", "", None, None, ctx)
ftp.connect(sys.argv[1], int(sys.argv[2]))
ftp.login(sys.argv[3], sys.argv[4])
ftp.quit()

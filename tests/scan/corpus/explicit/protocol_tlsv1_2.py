# kind: explicit
# level: plain
# run: ftp-tls

import ftplib
import ssl
import sys

ftps = ftplib.FTP_TLS(context=ssl.SSLContext(ssl.PROTOCOL_TLSv1_2))  # <- SD201
ftps.connect(sys.argv[1], int(sys.argv[2]))
ftps.login(sys.argv[3], sys.argv[4])
ftps.quit()

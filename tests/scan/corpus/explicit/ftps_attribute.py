# kind: explicit
# level: inference
# run: ftp-tls

import ftplib
import ssl
import sys

ftps = ftplib.FTP_TLS()  # <- SD201 ctx
ftps.context = ssl.SSLContext(ssl.PROTOCOL_TLS)  # <- SD201 ctx
ftps.connect(sys.argv[1], int(sys.argv[2]))
ftps.login(sys.argv[3], sys.argv[4])
ftps.quit()

# kind: safe
# level: plain
# run: ftp-tls

import ftplib
import ssl
import sys

ftps = ftplib.FTP_TLS()
ftps.context = ssl.create_default_context()
ftps.connect(sys.argv[1], int(sys.argv[2]))
ftps.login(sys.argv[3], sys.argv[4])
ftps.quit()

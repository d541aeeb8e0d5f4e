# kind: default
# level: plain
# run: ftp-tls

import ftplib
import sys

ftps = ftplib.FTP_TLS()  # <- SD101
ftps.connect(sys.argv[1], int(sys.argv[2]))
ftps.login(sys.argv[3], sys.argv[4])
ftps.prot_p()
ftps.retrlines("LIST")
ftps.quit()

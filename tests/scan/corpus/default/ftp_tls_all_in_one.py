# kind: default
# level: plain
# run: ftp-tls

import ftplib
import sys

ftplib.FTP.port = int(sys.argv[2])
ftp = ftplib.FTP_TLS(sys.argv[1], sys.argv[3], sys.argv[4])  # <- SD101
ftp.prot_p()
print(ftp.nlst())
ftp.quit()

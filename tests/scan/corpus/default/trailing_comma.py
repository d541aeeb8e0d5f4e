# kind: default
# level: plain
# run: ftp-tls

import ftplib
import sys

ftp = ftplib.FTP_TLS(  # <- SD101
    timeout=10,
    source_address=None,
)
ftp.connect(sys.argv[1], int(sys.argv[2]),)
ftp.login(sys.argv[3], sys.argv[4],)
ftp.quit()

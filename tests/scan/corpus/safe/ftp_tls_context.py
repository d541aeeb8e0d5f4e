# kind: safe
# level: plain
# run: ftp-tls

from ftplib import FTP_TLS
from ssl import create_default_context
import sys

with FTP_TLS(context=create_default_context(), timeout=10) as ftp:
    ftp.connect(sys.argv[1], int(sys.argv[2]))
    ftp.login(sys.argv[3], sys.argv[4])
    ftp.prot_p()

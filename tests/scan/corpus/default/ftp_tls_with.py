# kind: default
# level: plain
# run: ftp-tls

import os
from ftplib import FTP_TLS

with FTP_TLS(timeout=10) as ftp:  # <- SD101
    ftp.connect(os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"]))
    ftp.login(user=os.environ["MAIL_USER"], passwd=os.environ["MAIL_PASSWORD"])
    ftp.cwd("/incoming")

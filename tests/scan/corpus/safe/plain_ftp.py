# kind: safe
# level: plain
# run: none (clear text on purpose, another rule's business)

import ftplib

with ftplib.FTP("ftp.example.test") as ftp:
    ftp.login()
    ftp.retrlines("LIST")

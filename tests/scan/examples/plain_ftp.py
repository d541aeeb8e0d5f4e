# expect: SD101 definite fixable | FTP_TLS("ftp.example.test")
from ftplib import FTP_TLS

with FTP_TLS("ftp.example.test") as ftp:
    ftp.login("user", "secret")
    ftp.prot_p()

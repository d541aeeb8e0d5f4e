# expect: SD101 definite fixable | ftplib.FTP_TLS("ftp.example.test")
# expect: SD102 definite fixable | ftplib.FTP_TLS("none.example.test", context=None)
import ftplib

ftp = ftplib.FTP_TLS("ftp.example.test")
ftp.encoding = "latin-1"
ftp.login("user", "secret")
ftplib.FTP_TLS("none.example.test", context=None)

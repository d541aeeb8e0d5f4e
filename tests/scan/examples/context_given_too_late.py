# expect: SD101 definite fixable | ftplib.FTP_TLS("ftp.example.test", "user", "secret")
import ftplib
import ssl

ftps = ftplib.FTP_TLS("ftp.example.test", "user", "secret")
ftps.context = ssl.create_default_context()

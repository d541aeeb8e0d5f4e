# expect: SD303 definite | ftp.auth()
import ftplib
import ssl

ftp = ftplib.FTP_TLS(context=ssl.create_default_context())
ftp.connect("ftp.example.test")
try:
    ftp.auth()
except ftplib.all_errors:
    print("no TLS")
ftp.login("user", "secret", secure=False)

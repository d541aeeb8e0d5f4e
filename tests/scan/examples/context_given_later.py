# expect: nothing
import ftplib
import ssl

ftps = ftplib.FTP_TLS()
ftps.context = ssl.create_default_context()
ftps.connect("ftp.example.test")
ftps.login("user", "secret")


class Client:
    def open(self):
        self.ftp = ftplib.FTP_TLS(timeout=10)
        self.ftp.context = ssl.create_default_context()


class Own(ftplib.FTP_TLS):
    def __init__(self):
        super().__init__()
        self.context = ssl.create_default_context()

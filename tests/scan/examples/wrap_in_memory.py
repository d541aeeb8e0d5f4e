# expect: nothing
import ftplib
import ssl

context = ssl._create_unverified_context()


class Ftp(ftplib.FTP):
    def begin(self, incoming, outgoing):
        return context.wrap_bio(incoming, outgoing)

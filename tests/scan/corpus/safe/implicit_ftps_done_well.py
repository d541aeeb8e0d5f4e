# kind: safe
# level: inference
# run: ftp-implicit

import ftplib
import ssl
import sys


class ImplicitFTP(ftplib.FTP_TLS):
    def __init__(self, context):
        self._sock = None
        super().__init__(context=context)

    @property
    def sock(self):
        return self._sock

    @sock.setter
    def sock(self, value):
        if value is not None and not isinstance(value, ssl.SSLSocket):
            value = self.context.wrap_socket(value, server_hostname=self.host)
        self._sock = value


ftp = ImplicitFTP(ssl.create_default_context())
ftp.connect(sys.argv[1], int(sys.argv[2]))
ftp.login(sys.argv[3], sys.argv[4], secure=False)
ftp.quit()

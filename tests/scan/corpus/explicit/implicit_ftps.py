# kind: explicit
# level: inference
# run: ftp-implicit

"""The recipe that everybody copies."""

import ftplib
import ssl
import sys


class ImplicitFTP_TLS(ftplib.FTP_TLS):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)  # <- SD101 ctx
        self._sock = None

    @property
    def sock(self):
        return self._sock

    @sock.setter
    def sock(self, value):
        if value is not None and not isinstance(value, ssl.SSLSocket):
            value = self.context.wrap_socket(value)  # <- SD202
        self._sock = value


ftp = ImplicitFTP_TLS()  # <- SD101 ctx
ftp.connect(sys.argv[1], int(sys.argv[2]))
ftp.login(sys.argv[3], sys.argv[4], secure=False)
ftp.quit()

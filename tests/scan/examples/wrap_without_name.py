# expect: SD202 definite | self.context.wrap_socket(value)
# expect: SD101 definite fixable | ImplicitFTP()
import ftplib
import ssl


class ImplicitFTP(ftplib.FTP_TLS):
    _sock = None

    @property
    def sock(self):
        return self._sock

    @sock.setter
    def sock(self, value):
        if value is not None and not isinstance(value, ssl.SSLSocket):
            value = self.context.wrap_socket(value)
        self._sock = value


ImplicitFTP()

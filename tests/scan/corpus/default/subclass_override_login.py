# kind: default
# level: inference
# run: ftp-tls

from ftplib import FTP_TLS
import sys


class Store(FTP_TLS):
    def __init__(self, host, port, user, password):
        super().__init__()  # <- SD101
        self.connect(host, port)
        self.login(user, password)


Store(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]).quit()

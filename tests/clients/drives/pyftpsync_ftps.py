import sys

from ftpsync.ftp_target import FTPTarget

host, port, user, password = sys.argv[1:]
target = FTPTarget("/", host, int(port), user, password, tls=True)
target.open()
target.close()

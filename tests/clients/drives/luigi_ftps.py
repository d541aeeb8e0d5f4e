import sys

from luigi.contrib.ftp import RemoteFileSystem

host, port, user, password = sys.argv[1:]
print(RemoteFileSystem(host, user, password, port=int(port), tls=True).exists("/file"))

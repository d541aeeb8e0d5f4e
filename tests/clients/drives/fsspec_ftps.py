import sys

import fsspec

host, port, user, password = sys.argv[1:]
files = fsspec.filesystem("ftp", host=host, port=int(port), username=user, password=password, tls=True)
files.pipe("/file", b"text")

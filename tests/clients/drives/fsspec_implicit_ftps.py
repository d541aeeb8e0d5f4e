import sys

import fsspec

host, port, user, password = sys.argv[1:]
fsspec.filesystem("ftp", host=host, port=int(port), username=user, password=password, tls="tlsv1_2")

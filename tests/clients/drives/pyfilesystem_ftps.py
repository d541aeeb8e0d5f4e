import sys

import fs

host, port, user, password = sys.argv[1:]
with fs.open_fs("ftps://%s:%s@%s:%s/" % (user, password, host, port)) as files:
    files.listdir("/")

import sys

import smart_open

host, port, user, password = sys.argv[1:]
with smart_open.open("ftps://%s:%s@%s:%s/file" % (user, password, host, port), "w") as file:
    file.write("text")

import sys

import yagmail

host, port, user, password = sys.argv[1:]
yag = yagmail.SMTP(user, password, host=host, port=int(port))
yag.send("b@example.test", "subject", "text")

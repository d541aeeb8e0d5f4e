import sys

import emails

host, port, user, password = sys.argv[1:]
message = emails.html(html="<p>text", subject="subject", mail_from="a@example.test")
smtp = {"host": host, "port": int(port), "ssl": True, "user": user, "password": password, "fail_silently": False}
print(message.send(to="b@example.test", smtp=smtp))

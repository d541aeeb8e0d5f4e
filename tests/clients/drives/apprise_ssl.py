import sys

import apprise

host, port, user, password = sys.argv[1:]
url = "mailtos://%s:%s@%s:%s?from=a@example.test&to=b@example.test&mode=ssl" % (user, password, host, port)
robot = apprise.Apprise()
robot.add(url)
sys.exit(0 if robot.notify(title="subject", body="text") else 1)

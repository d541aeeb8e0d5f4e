import subprocess
import sys

import b4

host, port, user, password = sys.argv[1:]
values = {"from": "a@example.test", "smtpserver": host, "smtpserverport": port, "smtpencryption": "tls"}
subprocess.check_call(["git", "init", "-q"])
for name, value in {**values, "smtpuser": user, "smtppass": password}.items():
    subprocess.check_call(["git", "config", "sendemail." + name, value])
smtp, sender = b4.get_smtp()
smtp.sendmail(sender, ["b@example.test"], b"Subject: [PATCH] subject\r\n\r\ntext")
smtp.quit()

import argparse
import subprocess
import sys

import b4

host, port, user, password = sys.argv[1:]
options = {"from": "a@example.test", "smtpserver": host, "smtpserverport": port, "smtpencryption": "tls"}
for name, value in {**options, "smtpuser": user, "smtppass": password}.items():
    subprocess.check_call(["git", "config", "--global", "sendemail." + name, value])
b4.setup_config(argparse.Namespace(config=None))
smtp, sender = b4.get_smtp()
smtp.sendmail(sender, ["b@example.test"], b"Subject: [PATCH] subject\r\n\r\ntext")
smtp.quit()

# kind: default
# level: plain
# run: smtp-starttls
# python: 3.10

import smtplib
import sys

mode, host, port, user, password = "starttls", *sys.argv[1:]

match mode:
    case "ssl":
        smtp = smtplib.SMTP_SSL(host, int(port))  # <- SD101
    case "starttls":
        smtp = smtplib.SMTP(host, int(port))
        smtp.starttls()  # <- SD101
    case _:
        sys.exit("what?")
smtp.login(user, password)
smtp.quit()

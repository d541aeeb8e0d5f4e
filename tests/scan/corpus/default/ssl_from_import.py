# kind: default
# level: plain
# run: smtp-starttls

import smtplib
import sys
from ssl import SSLError, create_default_context

host, port, user, password = sys.argv[1:]


def old():
    smtp = smtplib.SMTP(host, int(port))
    smtp.starttls()  # <- SD101
    smtp.login(user, password)
    smtp.quit()


def new():
    smtp = smtplib.SMTP(host, int(port))
    try:
        smtp.starttls(context=create_default_context())
    except SSLError:
        sys.exit("no")
    smtp.login(user, password)
    smtp.quit()


old()

# kind: default
# level: plain
# run: smtp-starttls

from smtplib import SMTP, SMTPException
from sys import argv, exit

try:
    session = SMTP(argv[1], int(argv[2]))
    session.starttls()  # <- SD101
    session.login(argv[3], argv[4])
    session.quit()
except SMTPException:
    exit("mail is down")

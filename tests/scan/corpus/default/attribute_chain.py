# kind: default
# level: flow
# run: smtp-starttls

import smtplib
import sys
from types import SimpleNamespace

state = SimpleNamespace(mail=SimpleNamespace(smtp=None))
state.mail.smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
state.mail.smtp.starttls()  # <- SD101
state.mail.smtp.login(sys.argv[3], sys.argv[4])
state.mail.smtp.quit()

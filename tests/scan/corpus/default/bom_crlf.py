# kind: default
# level: plain
# run: smtp-starttls

import smtplib, sys

with smtplib.SMTP(sys.argv[1], int(sys.argv[2])) as s:
	s.starttls()  # <- SD101
	s.login(sys.argv[3], sys.argv[4])

# kind: default
# level: plain
# run: smtp-starttls

import smtplib, sys; s = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
s.ehlo(); s.starttls(); s.ehlo()  # <- SD101
s.login(sys.argv[3], sys.argv[4]); s.quit()

#!/usr/bin/env python3
# kind: default
# level: plain
# run: smtp-starttls
# effect: broken

"""SMTP() forgets the host that connect() is given, so that starttls() fails with every server: no password is sent."""
import smtplib, sys

smtp = smtplib.SMTP()
smtp.set_debuglevel(0)
smtp.connect(sys.argv[1], int(sys.argv[2]))
if smtp.has_extn("starttls") or True:
    smtp.starttls()  # <- SD101
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

# kind: default
# level: plain
# run: lmtp-starttls

import smtplib
import sys

lmtp = smtplib.LMTP(sys.argv[1], int(sys.argv[2]))
lmtp.starttls()  # <- SD101
lmtp.login(sys.argv[3], sys.argv[4])
lmtp.sendmail("a@example.test", ["b@example.test"], "Subject: x\r\n\r\nx")
lmtp.quit()

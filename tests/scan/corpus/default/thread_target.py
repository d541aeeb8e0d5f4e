# kind: default
# level: flow
# run: smtp-starttls

import smtplib
import sys
import threading

smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
upgrade = threading.Thread(target=smtp.starttls)  # <- SD101
upgrade.start()
upgrade.join()
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

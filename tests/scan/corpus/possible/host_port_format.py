# kind: possible
# level: plain
# run: smtp-starttls
# effect: broken

import smtplib
import ssl
import sys

smtp = smtplib.SMTP("%s:%s" % (sys.argv[1], sys.argv[2]))  # <- SD301 possible name
smtp.starttls(context=ssl.create_default_context())  # <- SD301 possible name
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

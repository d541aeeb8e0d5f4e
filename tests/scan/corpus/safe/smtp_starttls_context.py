# kind: safe
# level: plain
# run: smtp-starttls

import smtplib
import ssl
import sys

context = ssl.create_default_context()
smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
smtp.ehlo()
smtp.starttls(context=context)
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

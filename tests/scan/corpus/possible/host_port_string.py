# kind: possible
# level: plain
# run: none (refuses good servers too, up to 3.14.4)

import smtplib
import ssl
import sys

smtp = smtplib.SMTP("mail.example.test:587")  # <- SD301 possible name
smtp.starttls(context=ssl.create_default_context())  # <- SD301 possible name
smtp.login("me", sys.argv[1])
smtp.quit()

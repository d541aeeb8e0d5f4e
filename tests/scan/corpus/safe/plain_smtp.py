# kind: safe
# level: plain
# run: none (clear text on purpose, another rule's business)

import smtplib

with smtplib.SMTP("localhost") as smtp:
    smtp.sendmail("a@example.test", ["b@example.test"], "Subject: x\r\n\r\nx")

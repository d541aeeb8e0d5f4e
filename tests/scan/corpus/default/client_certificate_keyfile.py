# kind: default
# level: plain
# run: none (needs a client certificate)

import smtplib

KEY, CERT = "/etc/ssl/private/mail.key", "/etc/ssl/certs/mail.pem"

smtp = smtplib.SMTP("mail.example.test", 587)
smtp.starttls(KEY, CERT)  # <- SD101
smtp.login("user", "password")
smtp.quit()

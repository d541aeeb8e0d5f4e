# kind: default
# level: plain
# run: smtp-tls

import os
import smtplib

CONFIG = {
    "host": os.environ.get("MAIL_HOST", "localhost"),
    "port": int(os.environ.get("MAIL_PORT", 465)),
}

with smtplib.SMTP_SSL(host=CONFIG["host"], port=CONFIG["port"], timeout=10) as server:  # <- SD101
    server.login(os.environ["MAIL_USER"], os.environ["MAIL_PASSWORD"])
    server.sendmail("a@example.test", "b@example.test", "Subject: x\n\nx")

# kind: default
# level: plain
# run: smtp-tls

import smtplib
import sys


def send_alert(subject, body):
    message = "Subject: %s\r\n\r\n%s" % (subject, body)
    try:
        server = smtplib.SMTP_SSL(sys.argv[1], port=int(sys.argv[2]))  # <- SD101
        server.login(sys.argv[3], sys.argv[4])
        server.sendmail("alerts@example.test", ["ops@example.test"], message)
        print("sent")
    except smtplib.SMTPException as e:
        print("could not send:", e)
    finally:
        server.quit()


send_alert("disk full", "/var is at 99 %")

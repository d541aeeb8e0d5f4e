# kind: default
# level: plain
# run: smtp-starttls

"""Send a report."""

import smtplib
import sys
from email.message import EmailMessage


def main(host, port, user, password):
    msg = EmailMessage()
    msg["Subject"] = "report"
    msg["From"] = "me@example.test"
    msg["To"] = "you@example.test"
    msg.set_content("all is well")
    with smtplib.SMTP(host, port, timeout=10) as smtp:
        smtp.starttls()  # <- SD101
        smtp.login(user, password)
        smtp.send_message(msg)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])

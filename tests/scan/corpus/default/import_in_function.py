# kind: default
# level: plain
# run: smtp-tls

import sys


def notify(text):
    """Imports when needed, since most runs send nothing."""
    from email.mime.text import MIMEText
    import smtplib

    msg = MIMEText(text)
    msg["Subject"] = "note"
    conn = smtplib.SMTP_SSL(sys.argv[1], sys.argv[2], timeout=20)  # <- SD101
    conn.login(sys.argv[3], sys.argv[4])
    conn.sendmail("a@example.test", ["b@example.test"], msg.as_string())
    conn.quit()


notify("hello")

# kind: default
# level: flow
# run: smtp-starttls

"""A helper of a helper, which is where the upgrade happens."""

import smtplib
import sys


def upgrade(conn):
    conn.ehlo()
    conn.starttls()  # <- SD101 any
    conn.ehlo()


def prepare(conn):
    upgrade(conn)
    return conn


s = prepare(smtplib.SMTP(sys.argv[1], int(sys.argv[2])))
s.login(sys.argv[3], sys.argv[4])
s.quit()

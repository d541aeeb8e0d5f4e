# kind: default
# level: inference
# run: imap-starttls

import imaplib
import sys


def main():
    imap = imaplib.IMAP4(sys.argv[1], int(sys.argv[2]))

    def secure():
        imap.starttls()  # <- SD101

    def login():
        imap.login(sys.argv[3], sys.argv[4])

    for step in (secure, login, imap.logout):
        step()


main()

# kind: default
# level: plain
# run: imap-tls

import imaplib
import os

with imaplib.IMAP4_SSL(host=os.environ["MAIL_HOST"], port=os.environ["MAIL_PORT"], timeout=10) as M:  # <- SD101
    M.login(os.environ["MAIL_USER"], os.environ["MAIL_PASSWORD"])
    M.noop()

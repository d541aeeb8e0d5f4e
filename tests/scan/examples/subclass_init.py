# expect: SD101 definite fixable | super().__init__(host, 993)
# expect: SD101 definite | imaplib.IMAP4_SSL.__init__(self, host)
import imaplib


class Box(imaplib.IMAP4_SSL):
    def __init__(self, host):
        super().__init__(host, 993)


class Old(imaplib.IMAP4_SSL):
    def __init__(self, host):
        imaplib.IMAP4_SSL.__init__(self, host)

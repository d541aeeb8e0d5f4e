# expect: SD103 definite | imaplib.IMAP4_SSL
import imaplib
import ssl


class Mailbox:
    def __init__(self, verify):
        self.context = ssl.create_default_context() if verify else None

    def connect(self):
        return imaplib.IMAP4_SSL("mail.example.test", ssl_context=self.context)

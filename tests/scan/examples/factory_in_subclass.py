# expect: SD101 definite fixable | box.starttls()
import imaplib


class Source:
    def open(self):
        box = self.connection()
        box.starttls()

    def connection(self):
        raise NotImplementedError


class ImapSource(Source):
    def connection(self):
        return imaplib.IMAP4("mail.example.test")

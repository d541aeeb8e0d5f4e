# expect: nothing
import imaplib

CLASSES = {"imap": imaplib.IMAP4, "imaps": imaplib.IMAP4_SSL}
CLASSES["imap"]("mail.example.test")

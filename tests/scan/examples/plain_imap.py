# expect: SD101 definite fixable | imaplib.IMAP4_SSL("mail.example.test")
# expect: SD101 definite fixable | other.starttls()
import imaplib

mailbox = imaplib.IMAP4_SSL("mail.example.test")
other = imaplib.IMAP4("mail.example.test")
other.starttls()

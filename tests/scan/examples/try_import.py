# expect: SD101 definite | imaplib.IMAP4_SSL
try:
    import imaplib2 as imaplib
except ImportError:
    import imaplib

imaplib.IMAP4_SSL("mail.example.test")

# expect: SD201 definite | imaplib.IMAP4_SSL("mail.example.test", ssl_context=ssl.SSLContext())
# expect: SD201 definite | ssl.SSLContext(ssl.PROTOCOL_TLSv1_2)
# expect: SD201 definite | ssl.SSLContext(protocol=ssl.PROTOCOL_SSLv23)
import imaplib
import ssl

imaplib.IMAP4_SSL("mail.example.test", ssl_context=ssl.SSLContext())
imaplib.IMAP4_SSL("mail.example.test", ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLSv1_2))
imaplib.IMAP4_SSL("mail.example.test", ssl_context=ssl.SSLContext(protocol=ssl.PROTOCOL_SSLv23))

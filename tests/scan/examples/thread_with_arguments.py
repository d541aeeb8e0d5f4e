# expect: SD102 definite | smtplib.SMTP_SSL(host, context=context)
# expect: SD101 definite | threading.Thread(target=imaplib.IMAP4_SSL, args=addresses[0])
# expect: SD101 possible | threading.Thread(target=imaplib.IMAP4_SSL, kwargs=options)
# expect: SD101 definite | threading.Timer(1, function=poplib.POP3_SSL, args=("pop.example.test",), kwargs=None)
# expect: SD101 possible | threading.Thread(target=box.starttls, args=[option for option in options])
# expect: SD101 definite | threading.Thread(target=smtp.starttls, args=None)
import imaplib
import poplib
import smtplib
import threading

from our_project import addresses, options


def connect(host, context):
    smtplib.SMTP_SSL(host, context=context)


smtp = smtplib.SMTP("mail.example.test")
box = imaplib.IMAP4("mail.example.test")
threading.Thread(target=box.starttls, args=[option for option in options]).start()
threading.Thread(target=smtp.starttls, args=None).start()
threading.Thread(target=connect, args=("mail.example.test",), kwargs={"context": None}).start()
threading.Thread(target=imaplib.IMAP4_SSL, args=addresses[0]).start()
threading.Thread(target=imaplib.IMAP4_SSL, kwargs=options).start()
threading.Timer(1, function=poplib.POP3_SSL, args=("pop.example.test",), kwargs=None).start()

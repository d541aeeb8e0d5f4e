# expect: SD303 definite | smtp.starttls(context=context)
# expect: SD303 definite | box.starttls(ssl_context=context)
import contextlib
import imaplib
import smtplib
import ssl

context = ssl.create_default_context()


def send(message):
    smtp = smtplib.SMTP("mail.example.test")
    try:
        smtp.starttls(context=context)
    except Exception:
        print("no TLS")
    smtp.login("user", "secret")
    smtp.send_message(message)


def fetch():
    box = imaplib.IMAP4("mail.example.test")
    with contextlib.suppress(imaplib.IMAP4.error):
        box.starttls(ssl_context=context)
    box.login("user", "secret")

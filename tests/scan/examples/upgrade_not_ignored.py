# expect: nothing
import smtplib
import ssl

context = ssl.create_default_context()


def send(message):
    try:
        smtp = smtplib.SMTP("mail.example.test")
        smtp.starttls(context=context)
        smtp.login("user", "secret")
        smtp.send_message(message)
    except Exception as exc:
        print(exc)


def other(message):
    smtp = smtplib.SMTP("mail.example.test")
    try:
        smtp.starttls(context=context)
    except smtplib.SMTPException:
        smtp.quit()
        raise
    smtp.login("user", "secret")

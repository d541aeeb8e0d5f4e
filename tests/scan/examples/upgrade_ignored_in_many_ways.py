# expect: SD303 definite | deliver() gets it
# expect: SD303 definite | the caller gets it
# expect: SD303 definite | other methods use it
import smtplib
import ssl

CONTEXT = ssl.create_default_context()


def handed_to(deliver):
    smtp = smtplib.SMTP("mail.example.test")
    try:
        smtp.starttls(context=CONTEXT)  # deliver() gets it
    except smtplib.SMTPException:
        print("no TLS")
    deliver(smtp)


def returned():
    smtp = smtplib.SMTP("mail.example.test")
    try:
        smtp.starttls(context=CONTEXT)  # the caller gets it
    except smtplib.SMTPException:
        pass
    return smtp


def replaced():
    smtp = smtplib.SMTP("mail.example.test")
    try:
        smtp.starttls(context=CONTEXT)
    except smtplib.SMTPException:
        smtp = None
    return smtp


def closed():
    smtp = smtplib.SMTP("mail.example.test")
    try:
        smtp.starttls(context=CONTEXT)
    except smtplib.SMTPException:
        smtp.close()
    smtp.noop()


def not_used():
    smtp = smtplib.SMTP("mail.example.test")
    try:
        smtp.starttls(context=CONTEXT)
        smtp.login("user", "secret")
    except smtplib.SMTPException:
        pass
    smtp.quit()


def cleaned_up(lock):
    smtp = smtplib.SMTP("mail.example.test")
    try:
        smtp.starttls(context=CONTEXT)
        return smtp
    finally:
        lock.release()


class Mailer:
    def connect(self):
        self.smtp = smtplib.SMTP("mail.example.test")
        try:
            self.smtp.starttls(context=CONTEXT)  # other methods use it
        except smtplib.SMTPException:
            pass

    def connect_and_send(self, message):
        self.smtp = smtplib.SMTP("mail.example.test")
        try:
            self.smtp.starttls(context=CONTEXT)
            self.smtp.send_message(message)
        except smtplib.SMTPException:
            pass

# expect: SD101 definite fixable | super(Mail, self).__init__(host)
# expect: SD101 definite fixable | super(Other).__init__(host)
# expect: SD101 possible | super(unknown, self).starttls()
import smtplib

from our_project import unknown


class Mail(smtplib.SMTP_SSL):
    def __init__(self, host):
        super(Mail, self).__init__(host)


class Other(smtplib.SMTP_SSL):
    def __init__(self, host):
        super(Other).__init__(host)

    def begin(self):
        super(unknown, self).starttls()


def outside():
    return super().connect

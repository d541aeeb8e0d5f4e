# expect: SD101 definite fixable | connect("mail.example.test").starttls()
# expect: SD101 possible | other("mail.example.test").starttls()
import smtplib


class Connector:
    def __call__(self, host):
        return smtplib.SMTP(host)


class Other:
    pass


connect = Connector()
connect("mail.example.test").starttls()
other = Other()
other("mail.example.test").starttls()

# expect: SD101 definite fixable | Pool()["mail.example.test"].starttls()
# expect: SD101 possible | Nothing()["mail.example.test"].starttls()
import smtplib


class Pool:
    def __getitem__(self, host):
        return smtplib.SMTP(host)


class Nothing:
    pass


Pool()["mail.example.test"].starttls()
Nothing()["mail.example.test"].starttls()

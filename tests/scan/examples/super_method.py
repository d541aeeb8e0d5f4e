# expect: SD101 definite fixable | in a class method
# expect: SD101 definite fixable | of the parent's method
# expect: SD101 definite fixable | by its class
# expect: SD101 definite fixable | entered
# expect: SD101 definite fixable | entered later
import smtplib
import ssl


class Base:
    port = 465

    def connect(self, host):
        return smtplib.SMTP(host)

    @classmethod
    def make(cls, host):
        return smtplib.SMTP_SSL(host, cls.port)  # in a class method


class Mailer(Base):
    def send(self, host):
        smtp = super().connect(host)
        smtp.starttls()  # of the parent's method
        Base.connect(self, host).starttls()  # by its class
        Mailer.make(host)


class Entered:
    def __enter__(self):
        return smtplib.SMTP("mail.example.test")

    async def __aenter__(self):
        return smtplib.SMTP("mail.example.test")


class EnteredLater:
    async def __aenter__(self):
        return smtplib.SMTP("mail.example.test")


async def use():
    with Entered() as smtp:
        smtp.starttls()  # entered
    async with EnteredLater() as smtp:
        smtp.starttls(context=ssl.create_default_context())
        smtp.starttls()  # entered later

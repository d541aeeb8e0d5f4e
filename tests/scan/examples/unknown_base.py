# expect: SD101 possible | self.starttls()  # perhaps
# expect: SD101 possible | Either().stls()
from our_project import BaseMailer, Client, choose

Base = choose()


class Mailer(BaseMailer):
    def begin(self):
        self.starttls()  # perhaps


class Xmpp(Client):
    def begin(self):
        self.starttls()


class Either(Base):
    pass


Either().stls()
Xmpp().starttls()

# expect: SD101 definite fixable | Mail("a.example.test")
# expect: SD101 definite fixable | type(smtp)("b.example.test")
# expect: SD101 definite fixable | return type(self)(host)
# expect: SD101 possible | type(unknown).starttls()
import smtplib
import ssl

from our_project import unknown

Mail = type("Mail", (smtplib.SMTP_SSL,), {"debuglevel": 0})
Mail("a.example.test")
smtp = smtplib.SMTP_SSL("b.example.test", context=ssl.create_default_context())
type(smtp)("b.example.test")


class Own(smtplib.SMTP_SSL):
    def again(self, host):
        return type(self)(host)


type(unknown).starttls()
type()

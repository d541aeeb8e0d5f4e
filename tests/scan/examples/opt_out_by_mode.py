# expect: SD102 definite | smtplib.SMTP_SSL("a.example.test", context=self.lax)
import enum
import smtplib
import ssl


class Mode(enum.Enum):
    CLEAR = 1
    STARTTLS = 2
    TLS = 3


class Mailer:
    def __init__(self, mode):
        self.mode = mode
        if self.mode == Mode.CLEAR:
            self.context = None
        else:
            self.context = ssl.create_default_context()
        if self.mode != Mode.STARTTLS:
            self.lax = None
        else:
            self.lax = ssl.create_default_context()

    def connect(self):
        if self.mode in (Mode.CLEAR,) or self.mode > 2:
            return
        if self.mode is Mode.TLS:
            smtplib.SMTP_SSL("good.example.test", context=self.context)
            smtplib.SMTP_SSL("a.example.test", context=self.lax)
        else:
            smtplib.SMTP_SSL("b.example.test", context=self.context)
            smtp = smtplib.SMTP("mail.example.test")
            if self.mode == Mode.STARTTLS:
                smtp.starttls(context=self.context)
                smtp.starttls(context=self.lax)

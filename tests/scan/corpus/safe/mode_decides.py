# kind: safe
# level: flow
# run: smtp-tls

"""None is for connections without TLS only."""

import enum
import smtplib
import ssl
import sys


class Mode(enum.Enum):
    CLEAR = "smtp"
    STARTTLS = "starttls"
    TLS = "smtps"


class Connection:
    def __init__(self, host, port, mode):
        self.host, self.port, self.mode = host, port, mode
        if self.mode == Mode.CLEAR:
            self.context = None
        else:
            self.context = ssl.create_default_context()

    def connect(self):
        if self.mode == Mode.TLS:
            return smtplib.SMTP_SSL(self.host, self.port, context=self.context)
        smtp = smtplib.SMTP(self.host, self.port)
        if self.mode == Mode.STARTTLS:
            smtp.starttls(context=self.context)
        return smtp


smtp = Connection(sys.argv[1], int(sys.argv[2]), Mode("smtps")).connect()
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()

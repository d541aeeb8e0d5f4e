# expect: SD101 definite fixable | self.smtp.starttls()
import smtplib
from typing import Optional


class Mailer:
    def __init__(self, smtp):
        self.smtp: Optional[smtplib.SMTP] = smtp

    def upgrade(self):
        if self.smtp is not None:
            self.smtp.starttls()

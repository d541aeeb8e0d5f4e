# expect: SD101 definite fixable | one.starttls()
# expect: SD101 definite fixable | two.starttls()
# expect: SD101 definite fixable | three.starttls()
# expect: SD101 definite fixable | self.smtp.starttls()
# expect: SD101 definite fixable | each.starttls()
# expect: SD101 definite fixable | cls("mail.example.test")
from __future__ import annotations

import smtplib
from typing import Dict, List, Optional, Type


def upgrade(one: smtplib.SMTP, two: "smtplib.SMTP", three: Optional[smtplib.SMTP], many: List[smtplib.SMTP]):
    one.starttls()
    two.starttls()
    three.starttls()
    for each in many:
        each.starttls()


class Mailer:
    smtp: smtplib.SMTP

    def upgrade(self, cls: Type[smtplib.SMTP_SSL]):
        self.smtp.starttls()
        cls("mail.example.test")

# expect: SD101 definite fixable | one("mail.example.test")
# expect: SD101 definite | two("mail.example.test")
# expect: SD101 definite fixable | super().__init__(host)
from __future__ import annotations

import poplib
import smtplib
from typing import Type, Union


class Pop(poplib.POP3_SSL):
    def __init__(self, host):
        super().__init__(host)


def connect(
    one: "Type[smtplib.SMTP_SSL]", two: Type[Union[smtplib.SMTP_SSL, smtplib.SMTP]], own: type[Pop], other: Type["?"]
):
    one("mail.example.test")
    two("mail.example.test")
    own("mail.example.test")
    other("mail.example.test")

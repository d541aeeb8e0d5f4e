# expect: SD101 definite fixable | bound.starttls()
# expect: SD101 definite | either.starttls()
# expect: SD101 definite fixable | dialled.starttls()
# expect: SD101 definite | alias.starttls()
"""Annotations that are variables, callables, or short for others."""

import imaplib
import smtplib
from typing import Callable, NewType, Optional, TypeVar, Union

S = TypeVar("S", bound=smtplib.SMTP)
E = TypeVar("E", imaplib.IMAP4, smtplib.SMTP)
Relay = NewType("Relay", smtplib.SMTP)
Connection = Union[smtplib.SMTP, imaplib.IMAP4]


def upgrade(bound: S, either: E, dial: Callable[[str], imaplib.IMAP4], alias: Optional[Connection], relay: Relay) -> S:
    bound.starttls()
    either.starttls()
    dialled = dial("imap.example.test")
    dialled.starttls()
    alias.starttls()
    return bound

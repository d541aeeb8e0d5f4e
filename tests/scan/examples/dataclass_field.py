# expect: SD102 definite | smtplib.SMTP_SSL
import smtplib
import ssl
from dataclasses import dataclass, field
from typing import Optional


@dataclass
class Settings:
    host: str
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)


@dataclass
class Unsafe:
    host: str
    context: Optional[ssl.SSLContext] = None


def good():
    settings = Settings("mail.example.test")
    return smtplib.SMTP(settings.host).starttls(context=settings.context)


def bad():
    settings = Unsafe("mail.example.test")
    return smtplib.SMTP_SSL(settings.host, context=settings.context)

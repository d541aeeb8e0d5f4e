# expect: SD201 definite | smtplib.SMTP_SSL("a.example.test", context=ssl.SSLContext(2))
# expect: SD201 definite | smtplib.SMTP_SSL("b.example.test", context=ssl.SSLContext(16))
# expect: SD201 possible | smtplib.SMTP_SSL("c.example.test", context=ssl.SSLContext(protocol))
import smtplib
import ssl

from our_project import settings


def connect(old):
    smtplib.SMTP_SSL("a.example.test", context=ssl.SSLContext(2))
    smtplib.SMTP_SSL("b.example.test", context=ssl.SSLContext(16))
    protocol = settings.PROTOCOL
    if old:
        protocol = ssl.PROTOCOL_TLSv1_2
    smtplib.SMTP_SSL("c.example.test", context=ssl.SSLContext(protocol))
    smtplib.SMTP_SSL("d.example.test", context=ssl.SSLContext(settings.PROTOCOL))

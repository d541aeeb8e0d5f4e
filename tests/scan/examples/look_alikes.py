# expect: nothing
from unittest import mock

import aiosmtplib
import ldap3
import paramiko
from imapclient import IMAPClient


async def asynchronous():
    smtp = aiosmtplib.SMTP("mail.example.test")
    await smtp.connect()
    await smtp.starttls()


def others(fake):
    client = IMAPClient("mail.example.test", ssl=False)
    client.starttls()
    connection = ldap3.Connection("ldap.example.test")
    connection.start_tls()
    transport = paramiko.Transport(("sftp.example.test", 22))
    transport.starttls()
    double = mock.Mock()
    double.starttls()


class Stream:
    def starttls(self):
        self.encrypted = True


stream = Stream()
stream.starttls()

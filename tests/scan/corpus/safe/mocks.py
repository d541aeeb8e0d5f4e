# kind: safe
# level: plain
# run: none (nothing is connected)

import smtplib
import unittest
from unittest import mock


class Tests(unittest.TestCase):
    @mock.patch("smtplib.SMTP_SSL")
    @mock.patch("smtplib.SMTP")
    def test_send(self, smtp_class, smtp_ssl_class):
        server = smtp_class.return_value
        server.starttls()
        server.login("a", "b")
        smtp_class.return_value.starttls.assert_called_once_with()
        smtp_ssl_class.assert_not_called()

    def test_other(self):
        server = mock.MagicMock(spec=smtplib.SMTP)
        server.starttls()
        self.assertTrue(server.starttls.called)

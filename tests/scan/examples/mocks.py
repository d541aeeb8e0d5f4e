# expect: nothing
import smtplib
from unittest import mock
from unittest.mock import patch


def test_one():
    with mock.patch("smtplib.SMTP_SSL") as fake:
        smtplib.SMTP_SSL("mail.example.test")
        fake.return_value.starttls.assert_not_called()


@patch("smtplib.SMTP")
def test_two(fake):
    smtp = smtplib.SMTP("mail.example.test")
    smtp.starttls()


@patch.object(smtplib, "SMTP_SSL")
def test_three(fake):
    smtplib.SMTP_SSL("mail.example.test")


def test_four(monkeypatch):
    monkeypatch.setattr(smtplib, "SMTP_SSL", mock.Mock())
    smtplib.SMTP_SSL("mail.example.test")

# expect: SD101 definite fixable | after patch.object()
# expect: SD101 definite fixable | another name
# expect: SD101 definite fixable | nothing is mocked
import smtplib
from unittest import mock
from unittest.mock import patch


def test_object():
    with mock.patch.object(smtplib, "SMTP_SSL"):
        smtplib.SMTP_SSL("mail.example.test")
    smtplib.SMTP_SSL("mail.example.test")  # after patch.object()


def test_name():
    with patch("smtplib.SMTP") as fake, patch("program.smtplib.SMTP_SSL"):
        smtplib.SMTP("mail.example.test").starttls()
        smtplib.SMTP_SSL("mail.example.test")
        fake.assert_called()


def test_module():
    with patch("program.smtplib"):
        smtplib.SMTP_SSL("mail.example.test")
    with patch("program.other"), patch(), open("x"), patch.object(smtplib):
        smtplib.SMTP_SSL("mail.example.test")  # another name


@patch("smtplib.SMTP_SSL")
def test_decorated(fake):
    smtplib.SMTP_SSL("mail.example.test")


def test_started(monkeypatch):
    patch("smtplib.SMTP_SSL").start()
    smtplib.SMTP_SSL("mail.example.test")


def test_monkeypatch(monkeypatch):
    monkeypatch.setattr("smtplib.SMTP", None)
    monkeypatch.setattr(smtplib, "SMTP_SSL", None)
    smtplib.SMTP_SSL("mail.example.test")


def test_dispatch():
    dispatch("smtplib.SMTP_SSL")
    smtplib.SMTP_SSL("mail.example.test")  # nothing is mocked


def dispatch(name):
    dict.setattr(name)
    return name

# expect: SD101 definite fixable | smtplib.SMTP_SSL("a.example.test")
"""What a fixture of pytest replaces is replaced in the tests that ask for it."""

import imaplib
import smtplib

import pytest


class Fake:
    def __init__(self, host):
        self.host = host


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(smtplib, "SMTP_SSL", Fake)


@pytest.fixture(autouse=True)
def always(monkeypatch):
    monkeypatch.setattr("imaplib.IMAP4_SSL", Fake)


def test_with(fake):
    smtplib.SMTP_SSL("mail.example.test")


def test_without():
    smtplib.SMTP_SSL("a.example.test")
    imaplib.IMAP4_SSL("mail.example.test")

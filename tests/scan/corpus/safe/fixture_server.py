# kind: safe
# level: plain
# run: none (nothing is connected)

import pytest


class FakeIMAP4_SSL:
    def __init__(self, host, port):
        self.host = host

    def login(self, user, password):
        return "OK", []


@pytest.fixture
def fake_imap(monkeypatch):
    monkeypatch.setattr("imaplib.IMAP4_SSL", FakeIMAP4_SSL)
    return FakeIMAP4_SSL("localhost", 993)

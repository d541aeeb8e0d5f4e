"""No login in clear text to a host whose certificate was refused: judged by what the server received."""

from __future__ import annotations

import contextlib
import ftplib
import imaplib
import poplib
import smtplib
import ssl
import warnings
from pathlib import Path
from typing import Any, Callable, Dict

import pytest

import securedefaults
from native import backport_only, stock
from securedefaults import HostRule, WouldBeRefusedWarning
from securedefaults._entrypoints import LOGINS
from securedefaults._names import REFUSED
from securedefaults._tls import guard
from securedefaults._tls.verdict import Verdict
from wire import clients
from wire.certs import Certificates
from wire.clients import TIMEOUT, nntplib
from wire.servers import SECRET, USER, Server

pytestmark = backport_only("the guard is the backport's")

#: By protocol: TLS from the first byte or by an upgrade, and then a login in clear text, on connections of their own.
Program = Callable[[int], object]


def upgrade_smtp(port: int, context: Any = None) -> None:
    with contextlib.closing(smtplib.SMTP("localhost", port, timeout=TIMEOUT)) as smtp:
        smtp.starttls(context=context)


def upgrade_imap(port: int, context: Any = None) -> None:
    with clients.imap_closing(imaplib.IMAP4("localhost", port)) as imap:
        imap.starttls(context)


def upgrade_pop(port: int, context: Any = None) -> None:
    with clients.pop_closing(poplib.POP3("localhost", port, timeout=TIMEOUT)) as pop:
        pop.stls(context)


def upgrade_ftp(port: int, context: Any = None) -> None:
    with contextlib.closing(ftplib.FTP_TLS(timeout=TIMEOUT, context=context)) as ftp:
        ftp.connect("localhost", port)
        ftp.auth()


def upgrade_nntp(port: int, context: Any = None) -> None:
    with clients.nntp_closing(nntplib.NNTP("localhost", port, timeout=TIMEOUT)) as nntp:
        nntp.starttls(context)


def login_smtp(port: int) -> None:
    with contextlib.closing(smtplib.SMTP("localhost", port, timeout=TIMEOUT)) as smtp:
        smtp.login(USER, SECRET)


def auth_smtp(port: int) -> None:
    with contextlib.closing(smtplib.SMTP("localhost", port, timeout=TIMEOUT)) as smtp:
        smtp.ehlo()
        smtp.user, smtp.password = USER, SECRET  # type: ignore[attr-defined]
        smtp.auth("PLAIN", smtp.auth_plain)


def login_imap(port: int) -> None:
    with clients.imap_closing(imaplib.IMAP4("localhost", port)) as imap:
        imap.login(USER, SECRET)


def authenticate_imap(port: int) -> None:
    with clients.imap_closing(imaplib.IMAP4("localhost", port)) as imap:
        imap.authenticate("PLAIN", lambda challenge: b"\0%s\0%s" % (USER.encode(), SECRET.encode()))


def login_pop(port: int) -> None:
    with clients.pop_closing(poplib.POP3("localhost", port, timeout=TIMEOUT)) as pop:
        pop.user(USER)
        pop.pass_(SECRET)


def pass_pop(port: int) -> None:
    with clients.pop_closing(poplib.POP3("localhost", port, timeout=TIMEOUT)) as pop:
        pop.pass_(SECRET)


def login_ftp(port: int) -> None:
    with contextlib.closing(ftplib.FTP(timeout=TIMEOUT)) as ftp:
        ftp.connect("localhost", port)
        ftp.login(USER, SECRET)


def constructor_ftp(port: int) -> None:
    class Elsewhere(ftplib.FTP):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.port = port
            try:
                super().__init__(*args, **kwargs)
            except BaseException:
                self.close()
                raise

    Elsewhere("localhost", USER, SECRET, timeout=TIMEOUT).close()


def login_nntp(port: int) -> None:
    with clients.nntp_closing(nntplib.NNTP("localhost", port, timeout=TIMEOUT)) as nntp:
        nntp.login(USER, SECRET, usenetrc=False)


UPGRADES: Dict[str, Callable[..., None]] = {
    "SMTP": upgrade_smtp,
    "IMAP": upgrade_imap,
    "POP3": upgrade_pop,
    "FTP": upgrade_ftp,
}
LOGIN: Dict[str, Dict[str, Program]] = {
    "SMTP": {"login": login_smtp, "auth": auth_smtp},
    "IMAP": {"login": login_imap, "authenticate": authenticate_imap},
    "POP3": {"login": login_pop, "pass_": pass_pop},
    "FTP": {"login": login_ftp, "constructor": constructor_ftp},
}
if nntplib is not None:
    UPGRADES["NNTP"] = upgrade_nntp
    LOGIN["NNTP"] = {"login": login_nntp}

CASES = [(protocol, name) for protocol, logins in LOGIN.items() for name in logins]


def refused_upgrade(protocol: str, certs: Certificates, label: str = "unknown CA", context: Any = None) -> None:
    """As a program does that goes on regardless."""
    with Server(protocol, certs[label].context) as server:
        clients.swallow(lambda: UPGRADES[protocol](server.port, context))


def clear_login(protocol: str, name: str, certs: Certificates) -> Any:
    """The server, and the exception or None."""
    with Server(protocol, certs["good"].context) as server:
        try:
            LOGIN[protocol][name](server.port)
        except Exception as exc:
            return server, exc
    return server, None


@stock
@pytest.mark.parametrize(("protocol", "name"), CASES)
def test_red_without_protection(protocol: str, name: str, certs: Certificates, trust: Path) -> None:
    refused_upgrade(protocol, certs, context=ssl.create_default_context())
    server, _ = clear_login(protocol, name, certs)
    assert any(where == "clear" for where, _ in server.credentials())


@pytest.mark.parametrize(("protocol", "name"), CASES)
def test_refused(protocol: str, name: str, certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    server, _ = clear_login(protocol, name, certs)
    assert server.credentials()  # before a refusal clear text is the program's own affair
    refused_upgrade(protocol, certs)
    server, outcome = clear_login(protocol, name, certs)
    assert not server.credentials()
    assert isinstance(outcome, ssl.SSLCertVerificationError)
    assert outcome.verify_code == 20
    (note,) = outcome.__notes__  # type: ignore[attr-defined]
    assert "the certificate of 'localhost' was refused before in this process" in note


@pytest.mark.parametrize("protocol", UPGRADES)
def test_until_a_verified_handshake(protocol: str, certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    refused_upgrade(protocol, certs)
    with Server(protocol, certs["good"].context) as server:
        UPGRADES[protocol](server.port)
    server, outcome = clear_login(protocol, "login", certs)
    assert outcome is None
    assert server.credentials()


@pytest.mark.parametrize("protocol", UPGRADES)
def test_explicit_contexts_count_in_an_upgrade(protocol: str, certs: Certificates, trust: Path) -> None:
    """The attacker is the same."""
    securedefaults.apply()
    refused_upgrade(protocol, certs, context=ssl.create_default_context())
    server, outcome = clear_login(protocol, "login", certs)
    assert isinstance(outcome, ssl.SSLCertVerificationError)
    assert not server.credentials()
    with Server(protocol, certs["good"].context) as server:
        UPGRADES[protocol](server.port, ssl.create_default_context())
    server, outcome = clear_login(protocol, "login", certs)
    assert outcome is None


@pytest.mark.parametrize("protocol", UPGRADES)
def test_an_unverified_handshake_proves_nothing(protocol: str, certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    refused_upgrade(protocol, certs)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with Server(protocol, certs["unknown CA"].context) as server:
        UPGRADES[protocol](server.port, context)
    server, outcome = clear_login(protocol, "login", certs)
    assert isinstance(outcome, ssl.SSLCertVerificationError)
    assert not server.credentials()


def test_implicit_tls_then_clear_text(certs: Certificates, trust: Path) -> None:
    """`secure = try`: SMTP_SSL first, and plain SMTP after any error."""
    securedefaults.apply()
    with Server("SMTP", certs["wrong host"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL("LOCALHOST", server.port)
    server, outcome = clear_login("SMTP", "login", certs)
    assert isinstance(outcome, ssl.SSLCertVerificationError)
    assert not server.credentials()


def test_other_hosts_and_tls_are_free(certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    refused_upgrade("SMTP", certs)
    with Server("SMTP", certs["good"].context) as server:
        with contextlib.closing(smtplib.SMTP("mail.example.test", server.port)) as smtp:
            smtp.login(USER, SECRET)
    assert server.credentials()
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        with contextlib.closing(smtplib.SMTP_SSL("localhost", server.port, context=context)) as smtp:
            smtp.login(USER, SECRET)  # the caller's own context: their own affair
    assert server.credentials()


def test_a_rule_that_accepts_the_server_opens_it_again(certs: Certificates, trust: Path) -> None:
    from test_rules import pin

    securedefaults.apply()
    refused_upgrade("SMTP", certs, "self-signed")
    securedefaults.apply(rules=[HostRule("localhost", fingerprint=pin(certs["self-signed"].pem))])
    refused_upgrade("SMTP", certs, "self-signed")  # not refused now
    _, outcome = clear_login("SMTP", "login", certs)
    assert outcome is None


@pytest.mark.parametrize(("protocol", "name"), CASES)
def test_warn_mode_says_it(protocol: str, name: str, certs: Certificates, trust: Path) -> None:
    securedefaults.apply("warn")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refused_upgrade(protocol, certs)
    with pytest.warns(WouldBeRefusedWarning, match="in clear text would hand the password") as caught:
        server, _ = clear_login(protocol, name, certs)
    assert server.credentials()
    assert {message.filename for message in caught} == {__file__}


def test_warn_mode_as_errors_sends_nothing(certs: Certificates, trust: Path) -> None:
    securedefaults.apply("warn")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refused_upgrade("SMTP", certs)
    server, outcome = clear_login("SMTP", "login", certs)  # warnings are errors here
    assert isinstance(outcome, WouldBeRefusedWarning)
    assert not server.credentials()


class Transport:
    """What somebody put into the place of a socket; no more than smtplib needs."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self.sendall, self.makefile, self.close = sock.sendall, sock.makefile, sock.close


@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_a_socket_that_is_none(mode: str, certs: Certificates, trust: Path) -> None:
    """As the mocks of many test suites, it has no fileno(). It works, and is guarded."""
    securedefaults.apply(mode)
    for refused in (False, True):
        if refused:
            guard.note_verdict("localhost", Verdict(REFUSED, 20, "unknown CA"))
        with Server("SMTP", certs["good"].context) as server:
            with contextlib.closing(smtplib.SMTP("localhost", server.port, timeout=TIMEOUT)) as smtp:
                smtp.sock = Transport(smtp.sock)  # type: ignore[assignment]
                if not refused:
                    smtp.login(USER, SECRET)
                else:
                    category = ssl.SSLCertVerificationError if mode == "enforce" else WouldBeRefusedWarning
                    with pytest.raises(category):
                        smtp.login(USER, SECRET)
        assert bool(server.credentials()) == (not refused)


def test_restored_it_is_as_before(certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    refused_upgrade("SMTP", certs)
    securedefaults.restore()
    server, outcome = clear_login("SMTP", "login", certs)
    assert outcome is None
    assert server.credentials()


def test_every_login_that_there_is_is_in_the_table() -> None:
    """A method that takes a password and is not in the table would be a way around it."""
    known = {(login.module, login.method) for login in LOGINS}
    known |= {("smtplib", "login"), ("imaplib", "login_cram_md5")}  # these call one that is
    words = ("login", "auth", "pass", "user", "apop", "rpop")
    not_logins = {"auth_plain", "auth_login", "auth_cram_md5", "starttls", "auth"}  # answers to a challenge; AUTH TLS
    for cls in (smtplib.SMTP, imaplib.IMAP4, poplib.POP3, ftplib.FTP, ftplib.FTP_TLS):
        for name in dir(cls):
            found = callable(getattr(cls, name)) and not name.startswith("_") and any(word in name for word in words)
            if found and name not in not_logins and not (cls is imaplib.IMAP4 and name == "proxyauth"):
                assert (cls.__module__, name) in known


def test_it_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_MOST", 3)
    for number in range(5):
        guard.note_verdict("host%d.test" % number, Verdict(REFUSED, 18))
    assert [guard.refusal_of("host%d.test" % number) is not None for number in range(5)] == [False] * 2 + [True] * 3
    guard.note_verdict(None, Verdict(REFUSED, 18))
    assert guard.refusal_of(None) is None

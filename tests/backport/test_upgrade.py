"""C4: after a failed STARTTLS, STLS or AUTH TLS there is no clear-text connection left to hand a password to."""

from __future__ import annotations

import ftplib
import imaplib
import importlib
import poplib
import smtplib
import socket
import ssl
import sys
from pathlib import Path
from typing import Any, Callable, List, Tuple

import pytest

from native import backport_only, stock
from securedefaults._entrypoints import UPGRADE, EntryPoint
from securedefaults._tls.sockets import shut_down
from wire import clients
from wire.certs import Certificates
from wire.clients import HERE, STYLES, Target, nntplib, server_for
from wire.servers import CLOSE, GARBAGE, HANG, INJECT, REFUSE, SECRET, STRIP, USER, Server

UPGRADES = [e for e in HERE if e.kind == UPGRADE and e.through == e.module]

before_3_12 = pytest.mark.skipif(sys.version_info >= (3, 12), reason="keyfile and certfile are gone")


# Only where a login must not happen: on a busy machine an impatient client may give up on an honest server.
@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(clients, "TIMEOUT", 0.3)
    socket.setdefaulttimeout(0.3)
    yield
    socket.setdefaulttimeout(None)


def unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


CONTEXTS = {
    "no context": lambda: None,
    "unverified context": unverified,
    "verified context": ssl.create_default_context,
}


def attacked(entry_point: EntryPoint, attack: str, context: Any, certs: Certificates) -> Server:
    """A program that swallows the error and logs in, on a path with an attacker."""
    style = STYLES[entry_point.name]["swallow"]
    with server_for(entry_point, certs["good"].context, attack=attack) as server:
        clients.swallow(lambda: style(Target("localhost", server.port, context)))
    assert server.records
    return server


@stock
@pytest.mark.parametrize("entry_point", UPGRADES, ids=lambda e: e.name)
@pytest.mark.parametrize("attack", [STRIP, REFUSE])
def test_stock_logs_in_clear(entry_point: EntryPoint, attack: str, certs: Certificates) -> None:
    """The red side."""
    server = attacked(entry_point, attack, None, certs)
    assert any(where == "clear" for where, _ in server.credentials())


@pytest.mark.usefixtures("impatient", "applied")
@pytest.mark.parametrize("entry_point", UPGRADES, ids=lambda e: e.name)
@pytest.mark.parametrize("attack", [STRIP, REFUSE, HANG, CLOSE, GARBAGE])
@pytest.mark.parametrize("context", CONTEXTS)
def test_protected(entry_point: EntryPoint, attack: str, context: str, certs: Certificates) -> None:
    server = attacked(entry_point, attack, CONTEXTS[context](), certs)
    assert not server.credentials()


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("entry_point", UPGRADES, ids=lambda e: e.name)
def test_injected_answers_are_not_believed(entry_point: EntryPoint, certs: Certificates) -> None:
    """What the attacker appended to the go-ahead is not read as an answer inside TLS."""
    server = attacked(entry_point, INJECT, None, certs)
    assert server.records[0].tls
    assert not any(where == "clear" for where, _ in server.credentials())
    assert server.credentials()


def nameless(port: int) -> List[Tuple[str, Callable[[], Any], Callable[[Any], Any], Callable[[Any], Any]]]:
    """Connected without a name, so that a verifying context raises before it touches the socket (B4)."""
    context = ssl.create_default_context()

    def smtp() -> smtplib.SMTP:
        made = smtplib.SMTP(timeout=10)
        made.connect("localhost", port)
        made._host = ""
        return made

    def ftp() -> ftplib.FTP_TLS:
        made = ftplib.FTP_TLS(context=context, timeout=10)
        made.connect(None, port)  # type: ignore[arg-type]
        return made

    def ftp_login(made: ftplib.FTP_TLS) -> None:
        made.login(USER, SECRET, secure=False)

    cases: List[Any] = [
        ("SMTP", smtp, lambda s: s.starttls(context=context), lambda s: s.login(USER, SECRET)),
        ("IMAP", lambda: imaplib.IMAP4("", port), lambda s: s.starttls(context), lambda s: s.login(USER, SECRET)),
        ("POP3", lambda: poplib.POP3(None, port), lambda s: s.stls(context), lambda s: s.user(USER)),
        ("FTP", ftp, lambda s: s.auth(), ftp_login),
    ]
    if nntplib is not None:
        new = lambda: nntplib.NNTP(None, port)  # noqa: E731
        cases.append(("NNTP", new, lambda s: s.starttls(context), lambda s: s.login(USER, SECRET, usenetrc=False)))
    return cases


@backport_only("no host is localhost for explicit contexts as well")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("protect", [False, True])
@pytest.mark.parametrize("number", range(5 if nntplib else 4))
def test_an_explicit_context_without_a_name(
    protect: bool, number: int, certs: Certificates, request: pytest.FixtureRequest
) -> None:
    if protect:
        request.getfixturevalue("applied")
    protocol = nameless(0)[number][0]
    with Server(protocol, certs["good"].context) as server:
        _, connect, upgrade, login = nameless(server.port)[number]
        client = connect()
        with pytest.raises(ValueError, match="check_hostname requires server_hostname"):
            upgrade(client)
        error = None
        try:
            login(client)
        except Exception as exc:
            error = exc
        shut_down(client.sock)
    if protect:
        assert not server.credentials()
        # what each module's users expect of a dead connection
        assert isinstance(error, (OSError, imaplib.IMAP4.error, smtplib.SMTPServerDisconnected))
    elif protocol != "NNTP":  # which closes its file first
        assert any(where == "clear" for where, _ in server.credentials())


@backport_only("others name the host in other ways")
@pytest.mark.usefixtures("applied")
def test_a_default_without_a_name(certs: Certificates) -> None:
    """`ssl` objects to the name before a byte is sent; no clear text is left behind there either."""
    with Server("SMTP", certs["good"].context) as server:
        smtp = smtplib.SMTP("localhost", server.port, timeout=10)
        smtp._host = ".example.test"
        with pytest.raises(ValueError):
            smtp.starttls()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            smtp.login(USER, SECRET)
        smtp.close()
    assert not server.credentials()


@before_3_12
@pytest.mark.parametrize("protect", [pytest.param(False, marks=stock), True])
@pytest.mark.parametrize("reason", ["no such file", "warnings are errors"])
def test_failure_between_go_ahead_and_handshake(
    protect: bool, reason: str, certs: Certificates, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """`smtplib` warns of keyfile= and loads it when the server has already said to go ahead."""
    import warnings

    if protect:
        request.getfixturevalue("applied")
    with Server("SMTP", certs["good"].context) as server, smtplib.SMTP("localhost", server.port, timeout=10) as smtp:
        with warnings.catch_warnings():
            warnings.simplefilter("error" if reason == "warnings are errors" else "ignore")
            with pytest.raises((OSError, DeprecationWarning)):
                smtp.starttls(keyfile=str(tmp_path / "none"), certfile=str(tmp_path / "none"))
        clients.swallow(lambda: smtp.login(USER, SECRET))
    assert bool(server.credentials()) != protect


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("entry_point", UPGRADES, ids=lambda e: e.name)
def test_a_second_upgrade_leaves_the_first_alone(entry_point: EntryPoint, certs: Certificates) -> None:
    """It fails, as ever, but the connection is encrypted and goes on."""

    class Twice(getattr(importlib.import_module(entry_point.module), entry_point.cls)):  # type: ignore[misc]
        pass

    def twice(self: Any, *args: Any, **kwargs: Any) -> Any:
        upgrade = getattr(super(Twice, self), entry_point.method)
        result = upgrade(*args, **kwargs)
        with pytest.raises(Exception, match=r"(?i)TLS"):
            upgrade(*args, **kwargs)
        return result

    setattr(Twice, entry_point.method, twice)
    with server_for(entry_point, certs["good"].context) as server:
        STYLES[entry_point.name]["plain"](Target("localhost", server.port, classes={entry_point.cls: Twice}))
    assert server.credentials()


@pytest.mark.usefixtures("applied")
def test_upgrade_before_connecting() -> None:
    with pytest.raises(smtplib.SMTPServerDisconnected):
        smtplib.SMTP().starttls()
    with pytest.raises(AttributeError):  # the platform's own idea
        ftplib.FTP_TLS().auth()


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("label", ["unknown CA", "good"])
def test_a_captured_method_is_protected_too(label: str, certs: Certificates) -> None:
    """Bound before apply(), it is the original; the default context alone has to do."""
    import securedefaults

    securedefaults.restore()
    with Server("SMTP", certs[label].context) as server:
        smtp = smtplib.SMTP("localhost", server.port, timeout=10)
        with smtp:
            starttls = smtp.starttls
            securedefaults.apply()
            clients.swallow(starttls)
            clients.swallow(lambda: smtp.login(USER, SECRET))
    assert [where for where, _ in server.credentials()][:1] == (["inside"] if label == "good" else [])


def test_cut_beats_an_open_file() -> None:
    ours, theirs = socket.socketpair()
    with theirs, ours.makefile("rwb", buffering=0) as file:
        shut_down(ours)
        with pytest.raises(OSError):
            ours.sendall(b"x")
        with pytest.raises(OSError):
            file.write(b"x")
        assert theirs.recv(1) == b""


def test_cut_takes_what_it_gets() -> None:
    class Pipe:
        closed = False

        def close(self) -> None:
            self.closed = True

    pipe = Pipe()
    shut_down(pipe)
    assert pipe.closed
    shut_down(None)
    ours, theirs = socket.socketpair()
    ours.detach()
    shut_down(ours)
    theirs.close()

"""C3: who is asked for is what the program asked for, whatever kind of socket leads there, and through proxies."""

from __future__ import annotations

import contextlib
import imaplib
import poplib
import smtplib
import socket
import ssl
import sys
import warnings
from pathlib import Path
from typing import Any, Callable, Dict

import pytest
from test_rules import pin

import securedefaults
from native import backport_only
from securedefaults import HostRule
from securedefaults._entrypoints import DATA, EntryPoint
from wire.certs import Certificates, server_context
from wire.clients import HERE, STYLES, Target, server_for
from wire.servers import SECRET, USER, Server

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs Unix sockets"),
    pytest.mark.usefixtures("trust"),
]

#: what an honest server at the other end of the tunnel is called; on the way there is but a path
NAME = "mail.bank.example"

TUNNELLED = [entry for entry in HERE if entry.kind != DATA and entry.through == entry.module]


@pytest.fixture
def tunnel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every client is led to a Unix socket, as by a sidecar, or by `ssh -W` on a socket pair."""
    path = str(tmp_path / "sidecar")

    def create_connection(address: Any, timeout: Any = None, source_address: Any = None, **more: Any) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(10)
        sock.connect(path)
        return sock

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return path


@pytest.mark.parametrize("entry_point", TUNNELLED, ids=lambda e: e.name)
@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_a_name_counts_through_a_tunnel(mode: str, entry_point: EntryPoint, tunnel: str, certs: Certificates) -> None:
    """A trusted certificate for `localhost` is for somebody else."""
    securedefaults.apply(mode)
    style = STYLES[entry_point.name]["plain"]
    for names, honest in ([NAME], True), (["localhost", "127.0.0.1"], False):
        context = server_context(certs.trusted.issue(names))
        with server_for(entry_point, context, address=tunnel) as server, contextlib.ExitStack() as stack:
            if mode == "warn":
                kind = securedefaults.UnverifiedDefaultWarning if honest else securedefaults.WouldBeRefusedWarning
                stack.enter_context(pytest.warns(kind, match=NAME))
            elif not honest:
                stack.enter_context(pytest.raises(ssl.SSLCertVerificationError))
            style(Target(NAME, server.port or 4711))
        assert bool(server.credentials()) == (honest or mode == "warn")


@backport_only("the path of a Unix socket is a name to stock")
def test_lmtp_follows_its_last_connect(certs: Certificates, tmp_path: Path) -> None:
    """From a host to a path, and back."""
    securedefaults.apply()
    path = str(tmp_path / "lmtp")
    with Server("LMTP", certs["good"].context, address=path), Server("LMTP", certs["wrong host"].context) as other:
        lmtp = smtplib.LMTP("127.0.0.1", other.port)
        lmtp.close()
        lmtp.connect(path)
        lmtp.starttls()
        lmtp.close()
        lmtp.connect("127.0.0.1", other.port)
        with pytest.raises(ssl.SSLCertVerificationError):
            lmtp.starttls()
    assert not other.credentials()


def test_a_unix_socket_without_any_name_is_nobody(certs: Certificates, tmp_path: Path) -> None:
    """Only LMTP has paths of its own; which machine an assigned socket leads to is not known."""
    securedefaults.apply()
    path = str(tmp_path / "smtp")
    with Server("SMTP", certs["good"].context, address=path) as server:
        smtp = smtplib.SMTP()
        smtp.sock = socket.socket(socket.AF_UNIX)
        smtp.sock.connect(path)
        smtp.file = None  # type: ignore[assignment]
        smtp.getreply()
        with pytest.raises(ValueError, match="check_hostname requires server_hostname"):
            smtp.starttls()
        smtp.close()
    assert not server.credentials()


# Ports


class Proxied(smtplib.SMTP):
    """As PySocks users and corporate proxies have it."""

    proxy = 0

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.proxy), 10)


def proxied(port: int, connect: Callable[[Any], object]) -> Any:
    smtp = Proxied()
    smtp.proxy = port
    connect(smtp)
    return smtp


ASKED: Dict[str, Callable[[Any], object]] = {
    "host and port": lambda smtp: smtp.connect("localhost", 5871),
    "host:port": lambda smtp: smtp.connect("localhost:5871"),
    "port as text": lambda smtp: smtp.connect("localhost", "5871"),
}


@backport_only("rules are the backport's")
@pytest.mark.parametrize("how", ASKED)
def test_a_pin_counts_through_a_proxy(how: str, certs: Certificates) -> None:
    """For the port that the program asked for: the socket is connected to the proxy's."""
    rules = [HostRule("localhost", 5871, fingerprint=pin(certs["self-signed"].pem))]
    securedefaults.apply(rules=rules)
    for label in ("self-signed", "good"):
        with Server("SMTP", certs[label].context) as server:
            smtp = proxied(server.port, ASKED[how])
            if label == "self-signed":
                smtp.starttls()
                smtp.login(USER, SECRET)
            else:  # trusted, but not the pinned one
                with pytest.raises(ssl.SSLCertVerificationError):
                    smtp.starttls()
            smtp.close()
        assert bool(server.credentials()) == (label == "self-signed")


@backport_only("rules are the backport's")
def test_a_port_as_text(certs: Certificates) -> None:
    """`getaddrinfo()` takes it, and so does a rule."""
    with Server("IMAP", certs["good"].context, implicit=True) as server:
        securedefaults.apply(rules=[HostRule("localhost", server.port, fingerprint="sha256:" + "1f" * 32)])
        with pytest.raises(ssl.SSLCertVerificationError):
            imaplib.IMAP4_SSL("localhost", str(server.port))  # type: ignore[arg-type]
        with pytest.raises(ssl.SSLCertVerificationError):
            poplib.POP3_SSL("localhost", str(server.port), timeout=10)  # type: ignore[arg-type]
    assert not server.credentials()


class Unknowable(smtplib.SMTP):
    """Connects in a way of its own, so that nobody knows which port was asked for."""

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> Any:
        self._host = "localhost"
        self.sock = socket.create_connection(("127.0.0.1", port), 10)
        self.file = None
        return self.getreply()


@backport_only("rules are the backport's")
@pytest.mark.parametrize("label", ["good", "unknown CA"])
def test_where_the_port_is_not_known_rules_only_narrow(label: str, certs: Certificates, tmp_path: Path) -> None:
    """A pin for some port of the host counts; an exemption does not."""
    exemption = HostRule("localhost", 5871, verify=False)
    refusing = HostRule("localhost", 5871, fingerprint="sha256:" + "1f" * 32)
    for rule, refused in (exemption, label != "good"), (refusing, True):
        securedefaults.apply(rules=[rule])
        with Server("SMTP", certs[label].context) as server:
            smtp = Unknowable("localhost", server.port)
            with pytest.raises(ssl.SSLCertVerificationError) if refused else contextlib.nullcontext():
                smtp.starttls()
                smtp.login(USER, SECRET)
            smtp.close()
        assert bool(server.credentials()) != refused


# A context is for the client that made it; others may be passed it


@backport_only("rules are the backport's")
@pytest.mark.parametrize("kind", ["exemption", "cafile"])
def test_the_context_of_one_client_in_the_hands_of_another(kind: str, certs: Certificates, tmp_path: Path) -> None:
    """A rule is for the host and port of the client that uses it, not of the one for which it was made."""
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    with Server("SMTP", certs["good"].context) as first:
        with Server("SMTP", certs["unknown CA" if kind == "exemption" else "good"].context, implicit=True) as second:
            if kind == "exemption":
                rule = HostRule("localhost", first.port, verify=False)
            else:
                rule = HostRule("localhost", second.port, cafile=tmp_path / "ca.pem")
            securedefaults.apply(rules=[rule])
            smtp = smtplib.SMTP_SSL(timeout=10)
            smtp._host = "localhost"  # type: ignore[attr-defined]
            with pytest.raises((ssl.SSLError, OSError)):
                smtp.connect("localhost", first.port)  # which speaks no TLS: only its port is noted
            with pytest.raises(ssl.SSLCertVerificationError):
                with smtplib.SMTP_SSL("localhost", second.port, context=smtp.context) as other:
                    other.login(USER, SECRET)
    assert not second.credentials()


@backport_only("rules are the backport's")
def test_a_socket_that_was_put_there_by_hand(certs: Certificates) -> None:
    """The port that was asked for was that of another one."""
    with Server("SMTP", certs["good"].context) as first, Server("SMTP", certs["unknown CA"].context) as second:
        securedefaults.apply(rules=[HostRule("localhost", first.port, verify=False)])
        smtp = smtplib.SMTP("localhost", first.port, timeout=10)
        smtp.sock.close()  # type: ignore[union-attr]
        smtp.sock = socket.create_connection(("127.0.0.1", second.port), 10)
        smtp.file = None  # type: ignore[assignment]
        smtp.getreply()
        with pytest.raises(ssl.SSLCertVerificationError):
            smtp.starttls()
        smtp.close()
    assert not second.credentials()


@pytest.mark.parametrize("first", ["enforce", "warn"])
def test_a_connect_that_nobody_saw(first: str, certs: Certificates) -> None:
    """Between restore() and apply(): the host that was asked for before is not taken for the one that it is now."""
    context = server_context(certs.trusted.issue(["localhost"]))
    with Server("SMTP", context) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        securedefaults.apply(first)
        smtp = smtplib.SMTP(timeout=10)
        smtp.connect("localhost", server.port)
        securedefaults.restore()
        smtp.close()
        smtp.connect("127.0.0.1", server.port)
        securedefaults.apply()
        with pytest.raises((ssl.SSLCertVerificationError, ValueError)):
            smtp.starttls()
        smtp.close()
    assert not server.credentials()


def test_a_host_in_bytes_follows_the_last_connect(certs: Certificates) -> None:
    securedefaults.apply()
    context = server_context(certs.trusted.issue(["127.0.0.1"]))
    with Server("SMTP", context) as server:
        smtp = smtplib.SMTP("127.0.0.1", server.port, timeout=10)
        smtp.close()
        smtp.connect(b"localhost", server.port)  # type: ignore[arg-type]
        with pytest.raises(ssl.SSLCertVerificationError):
            smtp.starttls()
        smtp.close()
    assert not server.credentials()


@backport_only("rules are the backport's")
@pytest.mark.parametrize("label", ["good", "unknown CA"])
def test_a_rule_with_a_port_counts_where_there_is_no_socket(label: str, certs: Certificates, tmp_path: Path) -> None:
    """As in asyncio, which has memory buffers: the port is not known, so the rule may narrow."""
    import asyncio

    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    with Server("SMTP", certs[label].context, implicit=True) as server:
        securedefaults.apply(rules=[HostRule("localhost", server.port, cafile=tmp_path / "ca.pem")])

        async def connect() -> None:
            context = securedefaults.create_default_context()
            _, writer = await asyncio.open_connection("localhost", server.port, ssl=context)
            writer.close()

        if label == "good":
            with pytest.raises(ssl.SSLCertVerificationError):
                asyncio.run(connect())
        else:
            asyncio.run(connect())


class Delegating(smtplib.SMTP):
    """Its attributes are another object's."""

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["inner"][name]  # KeyError, before there is one


class Strict(smtplib.SMTP):
    """Takes what smtplib has, and nothing else."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_securedefaults"):
            raise AttributeError(name)
        super().__setattr__(name, value)


@pytest.mark.parametrize("mode", ["enforce", "warn"])
@pytest.mark.parametrize("cls", [Delegating, Strict])
@pytest.mark.filterwarnings("ignore::securedefaults.UnverifiedDefaultWarning")
def test_classes_with_attributes_of_their_own(cls: Any, mode: str, certs: Certificates) -> None:
    securedefaults.apply(mode)
    with Server("SMTP", certs["good"].context) as server:
        with cls("localhost", server.port, timeout=10) as smtp:
            smtp.starttls()
            smtp.login(USER, SECRET)
    assert server.credentials()

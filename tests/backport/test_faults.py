"""Servers that stall, break off, talk nonsense or cheat: every call ends in time, with an error of the platform's,
without a credential sent, and without a file left open.

What is wrong with a *certificate* is in test_matrix.py, the trust store in test_trust_changes.py; attacks on the
upgrade that leave a program behind which swallows the error are in test_upgrade.py.
"""

from __future__ import annotations

import contextlib
import ftplib
import gc
import imaplib
import os
import poplib
import smtplib
import socket
import ssl
import threading
import warnings
from typing import Any, Iterator, List, NamedTuple, Optional, Set

import pytest

import securedefaults
from native import PYPY, backport_only, stock
from securedefaults._entrypoints import DATA, MODULES, UPGRADE, EntryPoint
from securedefaults._policy.policy import Policy
from securedefaults._tls.context import DefaultContext
from wire import clients
from wire.certs import Certificates
from wire.clients import HERE, STYLES, Target, nntplib, server_for
from wire.faulty import KINDS, STRONGEST, Faulty, openssl, reset_at_once
from wire.servers import FORGE, HUGE, NONSENSE, PREAUTH, SILENT, _credentials

#: What a program has to expect of these modules on a bad line.
DOCUMENTED: Any = (
    OSError,  # ssl.SSLError and socket.timeout are some
    EOFError,  # of ftplib and nntplib
    smtplib.SMTPException,
    imaplib.IMAP4.error,
    poplib.error_proto,
    ftplib.Error,
    *((nntplib.NNTPError,) if nntplib else ()),
)

#: Seconds that the client gives a server that will not go on, and that the test gives the client.
IMPATIENT, WATCHDOG = 0.3, 30

#: Of different shape: an upgrade, implicit TLS, a data channel; they meet every fault.
SHAPES = ("smtplib.SMTP.starttls", "imaplib.IMAP4_SSL", "ftplib.FTP_TLS.ntransfercmd")

CASES = [
    pytest.param(entry_point, fault, id="%s-%s" % (entry_point.name, fault))
    for entry_point in HERE
    for fault in KINDS
    if fault in STRONGEST or entry_point.name in SHAPES
    # who speaks first, speaks in the connection that was verified
    if entry_point.kind != DATA or fault != "renegotiates, impostor"
]

UPGRADES = [entry_point for entry_point in HERE if entry_point.kind == UPGRADE]


class Outcome(NamedTuple):
    """What a program got, and what the server has of its credentials."""

    error: Optional[BaseException]
    clear: List[bytes]
    inside: List[bytes]


@contextlib.contextmanager
def timeout(seconds: float) -> Iterator[None]:
    """That of the client; imaplib's only one, before 3.9, is the default of all sockets."""
    before, clients.TIMEOUT = clients.TIMEOUT, seconds  # type: ignore[assignment]
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        clients.TIMEOUT = before
        socket.setdefaulttimeout(None)


def watched(style: Any, target: Target) -> Optional[BaseException]:
    """What the style raises; a style that does not end is a failure, and no hanging test."""
    outcome: List[Optional[BaseException]] = []

    def run() -> None:
        try:
            style(target)
        except BaseException as exc:
            outcome.append(_alone(exc))
        else:
            outcome.append(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(WATCHDOG)
    assert outcome, "the call hangs"
    return outcome[0]


def _alone(exc: BaseException) -> BaseException:
    """Without its traceback, which keeps sockets open for which the server waits."""
    link: Optional[BaseException] = exc
    while link is not None:
        link.__traceback__ = None
        link = link.__context__
    return exc


def meet(entry_point: EntryPoint, fault: str, certs: Certificates, style: str = "plain") -> Outcome:
    """The program against a server with that fault."""
    faulty = Faulty(KINDS[fault].act, certs)
    contexts = {"context": certs["good"].context, "data_context": faulty} if entry_point.kind == DATA else {}
    with server_for(entry_point, **(contexts or {"context": faulty})) as server:
        with timeout(IMPATIENT if KINDS[fault].slow else clients.TIMEOUT):
            error = watched(STYLES[entry_point.name][style], Target("localhost", server.port))
    clear = [secret for where, secret in server.credentials() if where == "clear"]
    inside = [secret for where, secret in server.credentials() if where == "inside"]
    return Outcome(
        error, clear + _credentials(bytes(faulty.received)), inside + ([server.data()] if server.data() else [])
    )


def assert_safe(outcome: Outcome, accepted: bool) -> None:
    assert outcome.clear == []
    if accepted:
        assert outcome.error is None
        assert outcome.inside
        return
    assert outcome.inside == []
    assert isinstance(outcome.error, DOCUMENTED), repr(outcome.error)


def descriptors() -> Set[str]:
    """Of this process: what they lead to, e.g. the number of a socket, which no other socket has."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # that of the folder itself
            found.add(os.readlink("/proc/self/fd/" + number))
    return found


@pytest.fixture
def no_descriptors_leak() -> Iterator[None]:
    """For all that a test does, once the garbage is gone; that a refusal needs no collector is in test_context.py."""
    if not os.path.isdir("/proc/self/fd"):
        yield
        return
    before = descriptors()
    yield
    if descriptors() - before:
        for _ in range(3):  # PyPy finalizes what it has found only afterwards
            gc.collect()
        assert descriptors() - before == set()


def needs(fault: str) -> None:
    if KINDS[fault].needs_openssl and (openssl() is None or PYPY):
        pytest.skip("needs the library that ssl uses, and CPython's objects")


@pytest.mark.usefixtures("applied", "no_descriptors_leak")
@pytest.mark.parametrize(("entry_point", "fault"), CASES)
def test_enforced(entry_point: EntryPoint, fault: str, certs: Certificates) -> None:
    needs(fault)
    outcome = meet(entry_point, fault, certs)
    assert_safe(outcome, KINDS[fault].accepted)
    if fault.endswith("impostor") and "renegotiates" not in fault:  # smtplib hides what came after the handshake
        assert isinstance(outcome.error, ssl.SSLCertVerificationError)


@pytest.mark.usefixtures("applied", "no_descriptors_leak")
@pytest.mark.parametrize("entry_point", UPGRADES, ids=lambda e: e.name)
@pytest.mark.parametrize("fault", STRONGEST)
def test_enforced_and_swallowed(entry_point: EntryPoint, fault: str, certs: Certificates) -> None:
    """The program goes on to its login whatever the upgrade raised."""
    if "swallow" not in STYLES[entry_point.name]:
        pytest.skip("nothing to swallow between upgrade and login")
    assert_safe(meet(entry_point, fault, certs, "swallow"), accepted=False)


@backport_only("their warn mode is a series of its own")
@pytest.mark.usefixtures("no_descriptors_leak")
@pytest.mark.parametrize(("entry_point", "fault"), CASES)
def test_warned(entry_point: EntryPoint, fault: str, certs: Certificates) -> None:
    """As in the standard library: the same error, and the same sent."""
    needs(fault)
    plain = meet(entry_point, fault, certs)
    securedefaults.apply("warn")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", securedefaults.UnverifiedDefaultWarning)
        warnings.simplefilter("ignore", securedefaults.WouldBeRefusedWarning)
        warned = meet(entry_point, fault, certs)
    if not KINDS[fault].racy:
        assert type(warned.error) is type(plain.error)
    assert (warned.error is None) == (plain.error is None)
    assert isinstance(warned.error, (type(None), *DOCUMENTED))
    assert len(warned.inside) == len(plain.inside)  # imaplib's tags differ
    assert warned.clear == plain.clear == []


@stock
@pytest.mark.parametrize("fault", ["warning unrecognized_name, impostor", "a chain of 80 KB, impostor"])
def test_stock_logs_in(fault: str, certs: Certificates) -> None:
    """The red side: these are not refused by TLS itself."""
    for entry_point in HERE:
        if entry_point.name in SHAPES:
            assert meet(entry_point, fault, certs).inside


# Before TLS begins


def upgrade(entry_point: EntryPoint, attack: str, style: str, certs: Certificates) -> Any:
    with server_for(entry_point, certs["good"].context, attack=attack) as server:
        error = watched(STYLES[entry_point.name][style], Target("localhost", server.port))
    return server, error


@pytest.mark.usefixtures("applied", "no_descriptors_leak")
@pytest.mark.parametrize("entry_point", UPGRADES, ids=lambda e: e.name)
@pytest.mark.parametrize("attack", [SILENT, NONSENSE, HUGE, PREAUTH])
@pytest.mark.parametrize("style", ["plain", "swallow"])
def test_the_go_ahead_is_none(entry_point: EntryPoint, attack: str, style: str, certs: Certificates) -> None:
    """Nothing and the end, nonsense, an endless line; and a greeting by which IMAP forbids STARTTLS (RFC 9051)."""
    if style not in STYLES[entry_point.name] or (attack == PREAUTH and entry_point.protocol != "IMAP"):
        pytest.skip("not for this one")
    server, error = upgrade(entry_point, attack, style, certs)
    assert isinstance(error, DOCUMENTED), repr(error)
    assert not server.credentials()


@pytest.mark.parametrize("protect", [pytest.param(False, marks=stock), True])
@pytest.mark.parametrize("entry_point", UPGRADES, ids=lambda e: e.name)
def test_forged_answers(
    protect: bool, entry_point: EntryPoint, certs: Certificates, request: pytest.FixtureRequest
) -> None:
    """Appended to the go-ahead in clear text, numbered as the client will number its next commands: refusals, which
    the client must not take for answers of the server that it has verified.
    """
    if protect:
        request.getfixturevalue("applied")
    server, error = upgrade(entry_point, FORGE, "plain", certs)
    # imaplib keeps what it has read ahead from 3.14 on
    believed = not protect and entry_point.protocol == "IMAP" and hasattr(imaplib.IMAP4, "idle")
    assert (error is None) != believed, repr(error)
    # who believes them goes away after the login, which the server may have read by then or not
    assert server.credentials() or believed
    assert not any(where == "clear" for where, _ in server.credentials())


# A connection that is gone when TLS begins


def reset_connection() -> socket.socket:
    """One whose end the client has been told already."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname(), 10)
        theirs, _ = listener.accept()
    reset_at_once(None, theirs)  # type: ignore[arg-type]
    with pytest.raises(ConnectionResetError):
        ours.recv(1)
    return ours


@stock
def test_stock_starts_no_tls_on_a_dead_connection() -> None:
    """The red side: a TLS socket without TLS, and no error."""
    with ssl._create_stdlib_context().wrap_socket(reset_connection(), server_hostname="localhost") as tls:
        assert tls.version() is None


@pytest.mark.parametrize("module", ["smtplib", "ftplib"])
def test_no_tls_on_a_dead_connection(module: str, trust: Any) -> None:
    sock = reset_connection()
    with pytest.raises(ConnectionResetError, match="before the TLS handshake"):
        DefaultContext(Policy.plain(), MODULES[module]).wrap_socket(sock, server_hostname="localhost")
    assert sock.fileno() == -1


def test_a_connection_that_dies_while_tls_begins(trust: Any) -> None:
    """Between our look and that of `ssl`: it is not taken for verified, and is closed."""

    class Dying(socket.socket):
        def getpeername(self) -> Any:
            return ("127.0.0.1", 1)

    dead = reset_connection()
    sock = Dying(fileno=dead.detach())
    sock.settimeout(10)
    made: List[ssl.SSLSocket] = []

    class Keeping(ssl.SSLSocket):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            raise TypeError

        @classmethod
        def _create(cls, *args: Any, **kwargs: Any) -> Any:
            made.append(super()._create(*args, **kwargs))
            return made[-1]

    policy = Policy.plain()
    context = DefaultContext(policy, MODULES["smtplib"])
    context.sslsocket_class = Keeping
    with pytest.raises(OSError):
        context.wrap_socket(sock, server_hostname="localhost")
    assert [tls.fileno() for tls in made] == [-1]
    assert securedefaults.report().observations == ()

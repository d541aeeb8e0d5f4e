"""No login in clear text to a host whose certificate was refused: judged by what the server received."""

from __future__ import annotations

import contextlib
import ftplib
import imaplib
import poplib
import smtplib
import socket
import ssl
import struct
import sys
import time
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, Optional

import pytest

import securedefaults
from native import backport_only, stock
from securedefaults import HostRule, WouldBeRefusedWarning
from securedefaults._names import ACCEPTED, REFUSED
from securedefaults._policy.policy import Policy
from securedefaults._tls import client as tls_client
from securedefaults._tls import guard
from securedefaults._tls.verdict import Verdict
from wire import clients
from wire.certs import Certificates
from wire.clients import TIMEOUT, nntplib
from wire.servers import CLOSE, GARBAGE, HANG, REFUSE, SECRET, STRIP, USER, Ftp, Server, Stop

pytestmark = backport_only("the guard is the backport's")

#: By protocol: TLS from the first byte or by an upgrade, and then a login in clear text, on connections of their own.
Program = Callable[[int], object]


def upgrade_smtp(port: int, context: Any = None, host: str = "localhost", timeout: float = TIMEOUT) -> None:
    with contextlib.closing(smtplib.SMTP(host, port, timeout=timeout)) as smtp:
        smtp.starttls(context=context)


def upgrade_imap(port: int, context: Any = None, host: str = "localhost", timeout: float = TIMEOUT) -> None:
    with clients.imap_closing(imaplib.IMAP4(host, port)) as imap:
        imap.sock.settimeout(timeout)
        imap.starttls(context)


def upgrade_pop(port: int, context: Any = None, host: str = "localhost", timeout: float = TIMEOUT) -> None:
    with clients.pop_closing(poplib.POP3(host, port, timeout=timeout)) as pop:
        pop.stls(context)


def upgrade_ftp(port: int, context: Any = None, host: str = "localhost", timeout: float = TIMEOUT) -> None:
    with contextlib.closing(ftplib.FTP_TLS(timeout=timeout, context=context)) as ftp:
        ftp.connect(host, port)
        ftp.auth()


def upgrade_nntp(port: int, context: Any = None, host: str = "localhost", timeout: float = TIMEOUT) -> None:
    with clients.nntp_closing(nntplib.NNTP(host, port, timeout=timeout)) as nntp:
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


def refused_login(certs: Certificates, protocol: str = "SMTP", name: str = "login") -> None:
    """A login in clear text reaches nobody."""
    server, outcome = clear_login(protocol, name, certs)
    assert isinstance(outcome, ssl.SSLCertVerificationError), outcome
    assert not server.credentials()


def free_login(certs: Certificates, protocol: str = "SMTP", name: str = "login") -> None:
    server, outcome = clear_login(protocol, name, certs)
    assert outcome is None
    assert server.credentials()


# What ends it.


@pytest.mark.parametrize("explicit", [False, True])
@pytest.mark.parametrize("protocol", UPGRADES)
def test_until_a_verified_handshake(protocol: str, explicit: bool, certs: Certificates, trust: Path) -> None:
    """At that very port: whoever holds another port of the host has proved nothing about this one."""
    securedefaults.apply()
    context = ssl.create_default_context() if explicit else None
    with Server(protocol, certs["unknown CA"].context) as server, Server(protocol, certs["good"].context) as other:
        clients.swallow(lambda: UPGRADES[protocol](server.port, context))
        UPGRADES[protocol](other.port, context)
        refused_login(certs, protocol)
        server.context = certs["good"].context
        UPGRADES[protocol](server.port, context)
    free_login(certs, protocol)


def test_until_that_host_is_verified(certs: Certificates, trust: Path) -> None:
    """Another name at the same address and port is another host."""
    securedefaults.apply()
    with Server("SMTP", certs["unknown CA"].context) as server:
        clients.swallow(lambda: upgrade_smtp(server.port))
        server.context = certs["wrong host"].context
        context = ssl.create_default_context()
        upgrade_smtp(server.port, context, host="other.example.test")
    refused_login(certs)


@pytest.mark.parametrize("sure", [False, True])
def test_a_name_that_was_not_asked_for_proves_nothing(sure: bool, certs: Certificates, trust: Path) -> None:
    """The caller's own handshake was for another name than that of the host."""

    class Elsewhere(ssl.SSLContext):
        def wrap_socket(self, *args: Any, **kwargs: Any) -> Any:
            kwargs["server_hostname"] = "localhost" if sure else "other.example.test"
            return super().wrap_socket(*args, **kwargs)

    securedefaults.apply()
    context = Elsewhere(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(str(trust))
    with Server("SMTP", certs["unknown CA"].context) as server:
        clients.swallow(lambda: upgrade_smtp(server.port))
        server.context = certs["good" if sure else "wrong host"].context
        upgrade_smtp(server.port, context)
    (free_login if sure else refused_login)(certs)


def test_until_it_is_long_ago(certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    securedefaults.apply()
    refused_upgrade("SMTP", certs)
    later = time.monotonic() + guard.LIFETIME
    monkeypatch.setattr(guard.time, "monotonic", lambda: later - 60)
    refused_login(certs)
    monkeypatch.setattr(guard.time, "monotonic", lambda: later + 60)
    free_login(certs)


def test_the_last_refusal_counts(certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    securedefaults.apply()
    now = time.monotonic()
    with Server("SMTP", certs["unknown CA"].context) as server:
        for hours in (0.0, 0.9):
            monkeypatch.setattr(guard.time, "monotonic", lambda hours=hours: now + hours * guard.LIFETIME)
            clients.swallow(lambda: upgrade_smtp(server.port))
    monkeypatch.setattr(guard.time, "monotonic", lambda: now + 1.5 * guard.LIFETIME)
    refused_login(certs)


def test_an_exemption_ends_it(certs: Certificates, trust: Path) -> None:
    """For the host and port that were refused, and as long as it holds itself."""
    securedefaults.apply()
    with Server("SMTP", certs["unknown CA"].context) as server:
        clients.swallow(lambda: upgrade_smtp(server.port))
        for rule, free in (
            (HostRule("localhost", server.port, verify=False), True),
            (HostRule("localhost", verify=False), True),
            (HostRule("localhost", server.port - 1, verify=False), False),
            (HostRule("elsewhere.test", verify=False), False),
            (HostRule("localhost", verify=False, until="2020-01-01"), False),
            (HostRule("localhost", server_hostname="mail.example.test"), False),
        ):
            securedefaults.apply(rules=[rule])
            (free_login if free else refused_login)(certs)


def test_a_pin_ends_it_if_it_fits(certs: Certificates, trust: Path) -> None:
    """What was refused is accepted now; another pin says that it was refused for good reason."""
    from test_rules import pin

    securedefaults.apply()
    refused_upgrade("SMTP", certs, "self-signed")
    securedefaults.apply(rules=[HostRule("localhost", fingerprint="sha256:" + "1f" * 32)])
    refused_login(certs)
    securedefaults.apply(rules=[HostRule("localhost", fingerprint=pin(certs["self-signed"].pem))])
    # before 3.10 nobody knows what was refused
    known = hasattr(ssl._ssl, "ENCODING_DER")  # type: ignore[attr-defined]
    (free_login if known else refused_login)(certs)


def test_restore_ends_it(certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    refused_upgrade("SMTP", certs)
    securedefaults.restore()
    free_login(certs)
    securedefaults.apply()
    free_login(certs)


# What begins it.


@pytest.mark.parametrize("protocol", UPGRADES)
def test_explicit_contexts_count_in_an_upgrade(protocol: str, certs: Certificates, trust: Path) -> None:
    """The attacker is the same."""
    securedefaults.apply()
    refused_upgrade(protocol, certs, context=ssl.create_default_context())
    refused_login(certs, protocol)


def implicit_smtp(port: int, context: Any = None) -> None:
    smtplib.SMTP_SSL("localhost", port, context=context, timeout=TIMEOUT).close()


def implicit_imap(port: int, context: Any = None) -> None:
    imaplib.IMAP4_SSL("localhost", port, ssl_context=context).shutdown()


def implicit_pop(port: int, context: Any = None) -> None:
    poplib.POP3_SSL("localhost", port, context=context, timeout=TIMEOUT).close()


def implicit_nntp(port: int, context: Any = None) -> None:
    nntplib.NNTP_SSL("localhost", port, ssl_context=context, timeout=TIMEOUT).quit()


IMPLICIT: Dict[str, Callable[..., None]] = {"SMTP": implicit_smtp, "IMAP": implicit_imap, "POP3": implicit_pop}
if nntplib is not None:
    IMPLICIT["NNTP"] = implicit_nntp


@pytest.mark.parametrize("explicit", [False, True])
@pytest.mark.parametrize("protocol", IMPLICIT)
def test_implicit_tls_counts(protocol: str, explicit: bool, certs: Certificates, trust: Path) -> None:
    """`secure = try`: TLS from the first byte, and clear text after any error."""
    securedefaults.apply()
    context = ssl.create_default_context() if explicit else None
    with Server(protocol, certs["unknown CA"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            IMPLICIT[protocol](server.port, context)
        refused_login(certs, protocol)
        server.context = certs["good"].context
        IMPLICIT[protocol](server.port, context)
    free_login(certs, protocol)


@pytest.mark.parametrize("explicit", [False, True])
def test_a_data_channel_counts(explicit: bool, certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    context = ssl.create_default_context() if explicit else None
    with Server("FTP", certs["good"].context, data_context=certs["unknown CA"].context) as server:
        with contextlib.closing(ftplib.FTP_TLS(context=context, timeout=TIMEOUT)) as ftp:
            ftp.connect("localhost", server.port)
            ftp.login(USER, SECRET)
            ftp.prot_p()
            with pytest.raises(ssl.SSLCertVerificationError):
                ftp.nlst()
    refused_login(certs, "FTP")


class Garbage:
    """In the place of a server's context."""

    def wrap_socket(self, sock: Any, **kwargs: Any) -> Any:
        sock.sendall(b"this is no TLS record \r\n" * 4)
        raise OSError


def broken_upgrade(protocol: str, certs: Certificates, attack: Optional[str], *, verified: bool) -> None:
    with Server(protocol, certs["good"].context) as server:
        if verified:
            UPGRADES[protocol](server.port)
        if attack == GARBAGE:
            server.context = Garbage()  # type: ignore[assignment]
        else:
            server.attack = attack
        with pytest.raises((OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto, ftplib.Error, *_NNTP)):
            UPGRADES[protocol](server.port, **({"timeout": 0.2} if attack == HANG else {}))


_NNTP = (nntplib.NNTPError,) if nntplib is not None else ()


@pytest.mark.parametrize("attack", [STRIP, REFUSE, GARBAGE, CLOSE])
@pytest.mark.parametrize("protocol", UPGRADES)
def test_an_upgrade_that_fails_where_it_was_verified(
    protocol: str, attack: str, certs: Certificates, trust: Path
) -> None:
    """No certificate was refused; but there is a server that can do better."""
    securedefaults.apply()
    broken_upgrade(protocol, certs, attack, verified=True)
    server, outcome = clear_login(protocol, "login", certs)
    assert not server.credentials()
    assert isinstance(outcome, ssl.SSLCertVerificationError)
    (note,) = outcome.__notes__  # type: ignore[attr-defined]
    assert "was verified before in this process, and has failed since" in note


@pytest.mark.parametrize("attack", [STRIP, REFUSE, GARBAGE, CLOSE])
@pytest.mark.parametrize("protocol", UPGRADES)
def test_an_upgrade_that_never_was(protocol: str, attack: str, certs: Certificates, trust: Path) -> None:
    """A server without TLS, as far as this process can know."""
    securedefaults.apply()
    with Server(protocol, certs["good"].context) as other:
        UPGRADES[protocol](other.port)
    broken_upgrade(protocol, certs, attack, verified=False)
    free_login(certs, protocol)


@pytest.mark.parametrize("protocol", IMPLICIT)
@pytest.mark.parametrize("verified", [False, True])
def test_garbage_in_the_place_of_tls(protocol: str, verified: bool, certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    with Server(protocol, certs["good"].context, implicit=True) as server:
        if verified:
            IMPLICIT[protocol](server.port, ssl.create_default_context())
        server.context = Garbage()  # type: ignore[assignment]
        with pytest.raises((ssl.SSLError, ConnectionError)):
            IMPLICIT[protocol](server.port, ssl.create_default_context())
    (refused_login if verified else free_login)(certs, protocol)


def reset(self: Any, go_ahead: str, refusal: str) -> None:
    """The upgrade of a server's session: the connection is reset behind the go-ahead."""
    self.send(go_ahead)
    self.sock.shutdown(socket.SHUT_WR)
    self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    self.sock.close()
    raise Stop


class Slow(ssl.SSLContext):
    """Its handshake begins when the connection was reset."""

    def wrap_socket(self, sock: Any, *args: Any, **kwargs: Any) -> Any:
        for _ in range(1000):
            try:
                sock.getpeername()
            except OSError:
                break
            time.sleep(0.01)
        return super().wrap_socket(sock, *args, **kwargs)


class Later(ssl.SSLContext):
    """Whose holder makes the handshake when he likes."""

    def wrap_socket(self, *args: Any, **kwargs: Any) -> Any:
        return super().wrap_socket(*args, do_handshake_on_connect=False, **kwargs)


def trusting(cls: Any, trust: Path) -> Any:
    context = cls(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(str(trust))
    return context


@pytest.mark.parametrize("protocol", UPGRADES)
def test_a_socket_without_tls_proves_nothing(protocol: str, certs: Certificates, trust: Path) -> None:
    """The peer has reset the connection, and `ssl` has wrapped the socket without a word."""
    securedefaults.apply()
    context = trusting(Slow, trust)
    with Server(protocol, certs["unknown CA"].context) as server:
        clients.swallow(lambda: UPGRADES[protocol](server.port))
        server.session = type("Reset", (server.session,), {"upgrade": reset})
        # imaplib and nntplib ask for capabilities over it, and what comes of that is their error
        with pytest.raises((ConnectionError, imaplib.IMAP4.abort)):
            UPGRADES[protocol](server.port, context)
    assert guard.refusals
    assert not guard._verified
    refused_login(certs, protocol)


def test_nothing_goes_over_a_socket_without_tls(certs: Certificates, trust: Path) -> None:
    """Where the upgrade has led to one, it is closed."""
    securedefaults.apply()
    with Server("SMTP", certs["good"].context) as server:
        server.session = type("Reset", (server.session,), {"upgrade": reset})
        with contextlib.closing(smtplib.SMTP("localhost", server.port, timeout=TIMEOUT)) as smtp:
            with pytest.raises(ConnectionResetError):
                smtp.starttls(context=trusting(Slow, trust))
            with pytest.raises(smtplib.SMTPServerDisconnected):
                smtp.login(USER, SECRET)
    assert not server.credentials()


def test_a_handshake_that_is_still_to_be_made_proves_nothing(certs: Certificates, trust: Path) -> None:
    """And it goes on working."""
    securedefaults.apply()
    context = trusting(Later, trust)
    with Server("SMTP", certs["unknown CA"].context) as server:
        clients.swallow(lambda: upgrade_smtp(server.port))
        for label in ("unknown CA", "good"):
            server.context = certs[label].context
            with contextlib.closing(smtplib.SMTP("localhost", server.port, timeout=TIMEOUT)) as smtp:
                smtp.starttls(context=context)
                assert guard.refusals
                assert not guard._verified
                if label == "good":
                    smtp.login(USER, SECRET)
    assert {where for where, _ in server.credentials()} == {"inside"}
    refused_login(certs)


def test_clear_text_after_tls(certs: Certificates, trust: Path) -> None:
    """`FTP_TLS.ccc()` takes TLS out of a socket of TLS, and what goes out then is clear text."""

    class Clear(Ftp):
        def answer(self, line: str) -> None:
            if line != "CCC":
                super().answer(line)
                return
            self.send("200 OK")
            self.sock = self.sock.unwrap()  # type: ignore[attr-defined]
            self.record.tls = None  # type: ignore[assignment]

    securedefaults.apply()
    for refused in (False, True):
        with Server("FTP", certs["good"].context) as server:
            server.session = Clear
            context = ssl._create_unverified_context()
            with contextlib.closing(ftplib.FTP_TLS(timeout=TIMEOUT, context=context)) as ftp:
                ftp.connect("localhost", server.port)
                ftp.auth()
                ftp.ccc()
                if refused:
                    guard.note_verdict(server_of("localhost"), Verdict(REFUSED, 20, "unknown CA"))
                with pytest.raises(ssl.SSLCertVerificationError) if refused else contextlib.nullcontext():
                    ftplib.FTP.login(ftp, USER, SECRET)
        assert {where for where, _ in server.credentials()} == (set() if refused else {"clear"})


# What does not begin it.


class Unfit(ssl.SSLContext):
    """Its holder has asked for the impossible."""

    def wrap_socket(self, *args: Any, **kwargs: Any) -> Any:
        self.load_verify_locations(cadata="no certificate")


@pytest.mark.parametrize("mistake", ["certfile", "context", "versions"])
def test_an_error_of_ones_own_says_nothing(mistake: str, certs: Certificates, trust: Path, tmp_path: Path) -> None:
    """OpenSSL has one class of errors for files that it cannot read, and for what a server says."""
    securedefaults.apply()
    with Server("SMTP", certs["good"].context) as server:
        upgrade_smtp(server.port)
        assert guard._verified
        with contextlib.closing(smtplib.SMTP("localhost", server.port, timeout=TIMEOUT)) as smtp:
            with pytest.raises(ssl.SSLError):
                if mistake == "certfile" and sys.version_info < (3, 12):
                    (tmp_path / "junk.pem").write_text("no PEM")
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore", DeprecationWarning)
                        smtp.starttls(certfile=str(tmp_path / "junk.pem"))
                elif mistake == "versions":
                    context = trusting(ssl.SSLContext, trust)
                    context.minimum_version = ssl.TLSVersion.TLSv1_3
                    context.maximum_version = ssl.TLSVersion.TLSv1_2
                    smtp.starttls(context=context)
                else:
                    smtp.starttls(context=Unfit(ssl.PROTOCOL_TLS_CLIENT))
    assert not guard.refusals
    free_login(certs)


@pytest.mark.parametrize("protocol", UPGRADES)
def test_time_outs_say_nothing(protocol: str, certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    broken_upgrade(protocol, certs, HANG, verified=True)
    free_login(certs, protocol)


def test_a_time_out_before_says_nothing_about_what_comes_after(certs: Certificates, trust: Path) -> None:
    """The program tries again in the middle of handling one, which becomes the context of the next error."""
    securedefaults.apply()
    with Server("SMTP", certs["good"].context) as server:
        upgrade_smtp(server.port)
        server.context = Garbage()  # type: ignore[assignment]
        try:
            raise socket.timeout("timed out")
        except OSError:
            clients.swallow(lambda: upgrade_smtp(server.port))
    refused_login(certs)


@pytest.mark.parametrize("protocol", IMPLICIT)
def test_no_connection_says_nothing(protocol: str, certs: Certificates, trust: Path) -> None:
    """A relay on this machine works while another port is closed."""
    securedefaults.apply()
    with Server(protocol, certs["good"].context, implicit=True) as server:
        IMPLICIT[protocol](server.port)
    with pytest.raises(OSError):
        IMPLICIT[protocol](server.port)
    free_login(certs, protocol)


def test_a_missing_file_says_nothing(certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does anything else that FTP's server says about a file."""
    monkeypatch.setattr(Ftp, "transfer", lambda self, verb: self.send("550 no such file"))
    securedefaults.apply()
    with Server("FTP", certs["good"].context) as server:
        with contextlib.closing(ftplib.FTP_TLS(timeout=TIMEOUT)) as ftp:
            ftp.connect("localhost", server.port)
            ftp.login(USER, SECRET)
            ftp.prot_p()
            with pytest.raises(ftplib.error_perm):
                ftp.nlst()
    free_login(certs, "FTP")


def test_a_mistake_of_the_program_says_nothing(certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    with Server("SMTP", certs["good"].context) as server:
        with contextlib.closing(smtplib.SMTP("localhost", server.port, timeout=TIMEOUT)) as smtp:
            smtp.starttls()
            with pytest.raises(smtplib.SMTPException):
                smtp.starttls()  # once more, over TLS, where it is not offered
            smtp.close()
            with pytest.raises(smtplib.SMTPException):
                smtp.starttls()
        upgrade_smtp(server.port)
        with pytest.raises(AttributeError):
            upgrade_smtp(server.port, context=3)
    free_login(certs)


# Whom it is about.


def test_a_name_and_its_address_are_one_host(certs: Certificates, trust: Path) -> None:
    """Refused by name, and then a login by the address that the connection had; and the other way round."""
    securedefaults.apply()
    with Server("SMTP", certs["unknown CA"].context) as bad, Server("SMTP", certs["good"].context) as clear:
        for first, second in (("localhost", "127.0.0.1"), ("127.0.0.1", "localhost"), ("127.1", "mail.example.test")):
            guard.forget()
            clients.swallow(lambda first=first: upgrade_smtp(bad.port, host=first))
            with contextlib.closing(smtplib.SMTP(second, clear.port, timeout=TIMEOUT)) as smtp:
                with pytest.raises(ssl.SSLCertVerificationError):
                    smtp.login(USER, SECRET)
    assert not clear.credentials()


@pytest.mark.parametrize("explicit", [False, True])
def test_the_address_of_implicit_tls(explicit: bool, certs: Certificates, trust: Path) -> None:
    """A socket cannot be asked any more when its handshake has failed."""
    securedefaults.apply()
    context = ssl.create_default_context() if explicit else None
    for protocol, program in IMPLICIT.items():
        guard.forget()
        with Server(protocol, certs["unknown CA"].context, implicit=True) as server:
            clients.swallow(lambda program=program, port=server.port: program(port, context))
        (refusal,) = guard.refusals.values()
        assert refusal.server.port == server.port, protocol
        # before 3.9 these two connect their sockets where nobody sees it
        has_name_alone = explicit and sys.version_info < (3, 9) and protocol in ("SMTP", "NNTP")
        assert refusal.peers == (() if has_name_alone else ("127.0.0.1",)), protocol


def test_a_client_without_a_name_has_an_address(certs: Certificates, trust: Path) -> None:
    """Somebody else has connected its socket."""
    securedefaults.apply()
    refused_upgrade("SMTP", certs)
    with Server("SMTP", certs["good"].context) as clear:
        with contextlib.closing(smtplib.SMTP()) as smtp:
            smtp.sock = socket.create_connection(("127.0.0.1", clear.port), TIMEOUT)
            smtp.getreply()
            with pytest.raises(ssl.SSLCertVerificationError):
                smtp.login(USER, SECRET)
    assert not clear.credentials()


@pytest.mark.parametrize("factory", [None, ssl.create_default_context])
def test_an_exempt_handshake_proves_nothing(factory: Any, certs: Certificates, trust: Path) -> None:
    """When the exemption has gone, what was refused before is as it was."""
    securedefaults.apply(context_factory=factory)
    with Server("SMTP", certs["unknown CA"].context) as server:
        clients.swallow(lambda: upgrade_smtp(server.port))
        securedefaults.apply(context_factory=factory, rules=[HostRule("localhost", verify=False)])
        upgrade_smtp(server.port)
    free_login(certs)
    securedefaults.apply(context_factory=factory)
    refused_login(certs)


def test_two_names_at_one_address_are_two_hosts(certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    with Server("SMTP", certs["unknown CA"].context) as bad, Server("SMTP", certs["good"].context) as clear:
        clients.swallow(lambda: upgrade_smtp(bad.port, host="one.test"))
        with contextlib.closing(smtplib.SMTP("two.test", clear.port, timeout=TIMEOUT)) as smtp:
            smtp.login(USER, SECRET)
    assert clear.credentials()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets")
def test_a_socket_without_an_address(certs: Certificates, trust: Path, tmp_path: Path) -> None:
    """There the name alone counts."""
    securedefaults.apply()
    with Server("LMTP", certs["unknown CA"].context, address=str(tmp_path / "s")) as bad:
        with contextlib.closing(smtplib.LMTP(bad.host)) as lmtp:
            clients.swallow(lmtp.starttls)
    (refusal,) = guard.refusals.values()
    assert (refusal.server.place, refusal.peers) == ("localhost", ())
    refused_login(certs)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("::FFFF:7f00:1", "127.0.0.1"),
        ("0:0::1", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("127.1", None),
        ("mail.example.test", None),
        ("", None),
        ("a:b", None),
    ],
)
def test_spellings_of_an_address(written: str, address: Optional[str]) -> None:
    assert tls_client.ip_address(written) == address


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
    with Server("SMTP", certs["self-signed"].context) as server:
        clients.swallow(lambda: upgrade_smtp(server.port))
        securedefaults.apply(rules=[HostRule("localhost", fingerprint=pin(certs["self-signed"].pem))])
        upgrade_smtp(server.port)
    free_login(certs)


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
            guard.note_verdict(server_of("localhost"), Verdict(REFUSED, 20, "unknown CA"))
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


def server_of(host: str, port: Optional[int] = 25, peer: Optional[str] = None) -> tls_client.Server:
    return tls_client.Server(host, host, port, True, host, None, peer)


def test_it_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was refused again is not old."""
    monkeypatch.setattr(guard, "_MOST", 3)
    for number in (0, 1, 2, 0, 3, 4):
        guard.note_verdict(server_of("host%d.test" % number), Verdict(REFUSED, 18))
    found = [guard.refusal_of(Policy(), server_of("host%d.test" % number), "") is not None for number in range(5)]
    assert found == [True, False, False, True, True]
    nobody = tls_client.Server(None, None, 25, True, None, None)
    guard.note_verdict(nobody, Verdict(REFUSED, 18))
    assert guard.refusal_of(Policy(), nobody, "") is None


def test_it_remembers_no_more_than_that_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_MOST_VERIFIED", 3)
    entry_point = securedefaults._entrypoints.ENTRY_POINTS[0]  # type: ignore[attr-defined]
    for port in range(26, 66):
        server = server_of("one.test", port, "192.0.2.%d" % port)
        server.entry_point = entry_point
        guard.note_verdict(server, Verdict(ACCEPTED))
        server.port = 25
        guard.note_verdict(server, Verdict(REFUSED, 18))
    assert len(guard._verified) == 3
    (refusal,) = guard.refusals.values()
    assert len(refusal.peers) == guard._MOST_PEERS
    assert refusal.peers[-1] == "192.0.2.65"

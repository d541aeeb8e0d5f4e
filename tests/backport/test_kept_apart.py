"""What one connection, policy or failure knows stays with it."""

from __future__ import annotations

import smtplib
import socket
import ssl
import sys
from pathlib import Path
from typing import Any, List

import pytest
from programs import run

import securedefaults
from native import stock
from securedefaults import HostRule
from securedefaults._tls import refusal
from wire.certs import Certificates
from wire.servers import SECRET, USER, Server

pytestmark = stock


def log_in(smtp: smtplib.SMTP, server: Server) -> Any:
    """Connect and log in, whatever happens; returns what happened."""
    try:
        smtp.connect("localhost", server.port)
        smtp.login(USER, SECRET)
    except Exception as exc:
        return exc
    finally:
        smtp.close()
    return None


def test_a_context_that_another_connection_changed(certs: Certificates, tmp_path: Path) -> None:
    """A factory that returns one object: who changed it has it alone, also after another policy was in use."""
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    shared = ssl.create_default_context()
    securedefaults.apply(context_factory=lambda: shared)
    first, second = smtplib.SMTP_SSL(), smtplib.SMTP_SSL()
    first.context.load_verify_locations(str(tmp_path / "ca.pem"))
    securedefaults.apply(context_factory=ssl.create_default_context)
    assert smtplib.SMTP_SSL().context.verify_mode == ssl.CERT_REQUIRED
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as impostor:
        outcome = log_in(second, impostor)
    assert isinstance(outcome, ValueError)
    assert not impostor.credentials()


def test_what_was_changed_stays_changed(certs: Certificates, trust: Path) -> None:
    """No password goes to who has not got what the holder of the context asks for."""
    securedefaults.apply(context_factory=ssl.create_default_context)
    smtp = smtplib.SMTP_SSL()
    smtp.context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    securedefaults.apply(context_factory=lambda: ssl.create_default_context())
    assert smtplib.SMTP_SSL().context.verify_mode == ssl.CERT_REQUIRED
    assert smtp.context.verify_flags & ssl.VERIFY_CRL_CHECK_LEAF
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        outcome = log_in(smtp, server)
    assert isinstance(outcome, ssl.SSLCertVerificationError)
    assert not server.credentials()


class Tunnel:
    """What a program puts into the place of a socket: it has a family, and knows no peer."""

    family = socket.AF_INET

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def __getattr__(self, name: str) -> Any:
        if name == "getpeername":
            raise AttributeError(name)
        return getattr(self._sock, name)


class Tunnelled(smtplib.SMTP):
    def _get_socket(self, *args: Any) -> Any:
        return Tunnel(super()._get_socket(*args))  # type: ignore[misc]


class Refusing:
    """The caller's own context, which refuses everybody."""

    def wrap_socket(self, *args: Any, **kwargs: Any) -> Any:
        raise refusal.certificate_error(20, "unknown CA")


@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_a_tunnel_that_knows_no_peer(mode: str, certs: Certificates) -> None:
    """The upgrade is refused by the caller's own context; whoever swallows that does not log in in clear text."""
    securedefaults.apply(mode)
    with Server("SMTP", certs["good"].context) as server:
        smtp = Tunnelled("localhost", server.port, "localhost", timeout=10)
        with pytest.raises(ssl.SSLCertVerificationError):
            smtp.starttls(context=Refusing())  # type: ignore[arg-type]
        if mode == "enforce":
            with pytest.raises(smtplib.SMTPServerDisconnected):
                smtp.login(USER, SECRET)
        else:
            with pytest.warns(securedefaults.WouldBeRefusedWarning):
                smtp.login(USER, SECRET)
        smtp.close()
    assert bool(server.credentials()) == (mode == "warn")


def test_a_rule_for_another_host() -> None:
    rule = HostRule("a.example", verify=False)
    policy = securedefaults.Policy(rules=[rule])
    rule.host = "b.example"
    assert policy.rule("a.example", 25, "") is None
    assert policy.rule("B.example.", 25, "") is rule


SUMMARY = """
    import sys, securedefaults
    securedefaults.apply("warn")
    if sys.argv[1] == "enforced":
        import smtplib
        securedefaults.apply("enforce")
        try:
            smtplib.SMTP_SSL("localhost", int(sys.argv[2]))
        except OSError:
            pass
    import atexit
    atexit._run_exitfuncs()
    print("ssl" in sys.modules)
"""


def test_a_summary_is_of_warn_mode(certs: Certificates) -> None:
    """Who has seen nothing loads nothing for it, and what was refused under enforcement has been told of."""
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        for how, loaded in (("nothing", "False"), ("enforced", "True")):
            result = run(SUMMARY, how, server.port)
            assert result.stdout == loaded + "\n"
            assert "would pass enforcement" not in result.stderr


def test_a_leaf_with_a_name_that_is_no_text() -> None:
    class Leaf:
        def public_bytes(self, encoding: int) -> bytes:
            return b"der"

        def get_info(self) -> Any:
            return b"\xff\xfe".decode()

    class SSLObject:
        def get_verified_chain(self) -> List[Leaf]:
            return [Leaf()]

    assert refusal._presented(SSLObject()) == ((b"der", None) if hasattr(ssl._ssl, "ENCODING_DER") else (None, None))


@pytest.mark.skipif(sys.version_info < (3, 10), reason="it cannot tell what was refused")
def test_nothing_that_a_server_sent_stays_on_the_exception(certs: Certificates, trust: Path) -> None:
    securedefaults.apply()
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            smtplib.SMTP_SSL("localhost", server.port)
    assert set(vars(caught.value)) <= {"__notes__", "library", "reason", "verify_code", "verify_message"}
    (observation,) = securedefaults.report().observations
    assert observation.fingerprint


def test_a_server_without_a_certificate_leaves_no_socket() -> None:
    """A default context on the other side of a connection; whatever fails, the socket is closed."""
    ours, theirs = socket.socketpair()
    context = securedefaults.create_default_context()
    with theirs, pytest.raises(ValueError):
        context.wrap_socket(ours, server_side=True, server_hostname="localhost")
    assert ours.fileno() == -1

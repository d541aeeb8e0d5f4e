"""A resumed session has the verdict of the one that it goes on with: its server sends no certificate.

FTP servers demand that the data channel resumes the session of the control channel (vsftpd, ProFTPD, FileZilla Server).
"""

from __future__ import annotations

import ftplib
import socket
import ssl
import warnings
from pathlib import Path
from typing import Any, Iterator, List, Optional

import pytest

import securedefaults
from native import backport_only, stock
from securedefaults import HostRule
from securedefaults._names import ACCEPTED, EXEMPT, REFUSED, UNKNOWN
from securedefaults._policy.policy import Policy
from securedefaults._tls import verdict as verdicts
from securedefaults._tls.chain import Resumed, handshake_and_chain
from securedefaults._tls.trust import verdict_of
from securedefaults._tls.x509 import described, fingerprint
from wire.certs import Certificates, chain_of, server_context
from wire.servers import Server

pytestmark = backport_only("they need no verdict")

SECRET = "s3cr3t"
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


class Resuming(ftplib.FTP_TLS):
    """The recipe for these servers."""

    def ntransfercmd(self, cmd: str, rest: Any = None) -> Any:
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        session = self.sock.session  # type: ignore[union-attr]
        return self.context.wrap_socket(conn, server_hostname=self.host, session=session), size


def limited(pem: bytes, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = server_context(pem)
    context.minimum_version = context.maximum_version = version
    return context


def transfer(server: Server) -> None:
    with Resuming(timeout=10) as ftp:
        ftp.connect("localhost", server.port)
        ftp.login("user", SECRET)
        ftp.prot_p()
        for _ in range(2):
            assert ftp.nlst() == ["a line"]


@stock
@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize(
    ("case", "options", "verdict"),
    [
        ("good", {}, ACCEPTED),
        ("good intermediate", {}, ACCEPTED),
        ("good", {"context_factory": ssl.create_default_context}, ACCEPTED),
        ("expired", {}, REFUSED),
        ("wrong host", {}, REFUSED),
        ("self-signed", {"pin": True}, ACCEPTED),
        ("self-signed", {"rules": [HostRule("localhost", verify=False, until="2099-01-01", reason="a test")]}, EXEMPT),
    ],
)
def test_a_data_channel_has_the_verdict_of_its_session(
    case: str, options: Any, verdict: str, version: ssl.TLSVersion, certs: Certificates, trust: Path
) -> None:
    pem = certs[case].pem
    if "pin" in options:
        options = {"rules": [HostRule("localhost", fingerprint=fingerprint(chain_of(pem)[0]))]}
    securedefaults.apply("warn", **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Server("FTP", limited(pem, version)) as server:
            transfer(server)
    assert server.records[0].session_reused
    report = securedefaults.report()
    assert report.handshakes == 3
    assert {seen.verdict for seen in report.observations} == {verdict}
    assert {seen.fingerprint for seen in report.observations} == {fingerprint(chain_of(pem)[0])}
    assert report.ready == (0 if verdict == REFUSED else 3)


@pytest.fixture
def policy(trust: Path) -> Policy:
    return Policy("warn")


def judged(policy: Policy, chain: List[bytes], name: str = "localhost", rule: Optional[HostRule] = None) -> str:
    return verdict_of(policy, rule, chain, name, described(chain[0] if chain else None)).state


@pytest.fixture
def leaf(certs: Certificates) -> List[bytes]:
    return Resumed(chain_of(certs["good"].pem)[:1])


def test_a_verdict_is_inherited(leaf: List[bytes], policy: Policy, certs: Certificates) -> None:
    assert judged(policy, leaf) == UNKNOWN
    assert judged(policy, chain_of(certs["good"].pem)) == ACCEPTED
    assert judged(policy, leaf) == ACCEPTED


def test_not_by_another_name(leaf: List[bytes], policy: Policy, certs: Certificates) -> None:
    judged(policy, chain_of(certs["good"].pem))
    assert judged(policy, leaf, "mail.example.test") == UNKNOWN


def test_not_by_another_leaf(policy: Policy, certs: Certificates) -> None:
    judged(policy, chain_of(certs["good"].pem))
    assert judged(policy, Resumed(chain_of(certs["good RSA"].pem)[:1])) == UNKNOWN


def test_not_by_another_trust(leaf: List[bytes], policy: Policy, certs: Certificates, tmp_path: Path) -> None:
    judged(policy, chain_of(certs["good"].pem))
    cafile = tmp_path / "ca.pem"
    cafile.write_bytes(certs.trusted.pem)
    assert judged(policy, leaf, rule=HostRule("localhost", cafile=str(cafile))) == UNKNOWN
    assert judged(Policy("warn", context_factory=ssl.create_default_context), leaf) == UNKNOWN
    assert (
        judged(Policy("warn", strict=not ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT), leaf)
        == UNKNOWN
    )
    assert judged(policy, leaf) == ACCEPTED


def test_not_after_the_trust_store_has_changed(
    leaf: List[bytes], policy: Policy, certs: Certificates, trust: Path
) -> None:
    judged(policy, chain_of(certs["good"].pem))
    trust.write_bytes(certs.unknown.pem)
    assert judged(policy, leaf) == UNKNOWN


def test_not_by_another_factory(leaf: List[bytes], certs: Certificates) -> None:
    """`apply()` was called in between."""
    first, second = (Policy("warn", context_factory=ssl.create_default_context) for _ in range(2))
    judged(first, chain_of(certs["good"].pem))
    assert (judged(first, leaf), judged(second, leaf)) == (ACCEPTED, UNKNOWN)


def test_not_for_longer_than_a_verdict_holds(
    leaf: List[bytes], policy: Policy, certs: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To inherit it, or to be asked again, makes it no younger."""
    now = [100.0]
    monkeypatch.setattr(verdicts.time, "monotonic", lambda: now[0])
    judged(policy, chain_of(certs["good"].pem))
    for seconds, verdict in ((300.0, ACCEPTED), (599.0, ACCEPTED), (601.0, UNKNOWN)):
        now[0] = 100.0 + seconds
        assert judged(policy, leaf) == verdict
        if verdict == ACCEPTED:
            judged(policy, chain_of(certs["good"].pem))


def test_not_by_a_session_that_is_not_resumed(policy: Policy, certs: Certificates) -> None:
    judged(policy, chain_of(certs["good"].pem))
    assert judged(policy, []) == UNKNOWN


def test_the_last_verdict_counts(policy: Policy, certs: Certificates) -> None:
    """A server was put right, and sends the intermediate now."""
    chain = chain_of(certs["good intermediate"].pem)
    for sent, verdict in ((chain[:1], REFUSED), (chain, ACCEPTED)):
        assert judged(policy, sent) == verdict
        assert judged(policy, Resumed(chain[:1])) == verdict


def test_a_pin_is_compared_with_the_leaf_itself(policy: Policy, leaf: List[bytes], certs: Certificates) -> None:
    other = HostRule("localhost", fingerprint=fingerprint(chain_of(certs["good RSA"].pem)[0]))
    assert judged(policy, leaf, rule=HostRule("localhost", fingerprint=fingerprint(leaf[0]))) == ACCEPTED
    assert judged(policy, leaf, rule=other) == REFUSED


def test_what_is_kept_has_an_end(policy: Policy, certs: Certificates) -> None:
    chain = chain_of(certs["good"].pem)
    for number in range(300):
        judged(policy, chain, "host%d.test" % number)
    assert max(map(len, verdicts._last.values())) <= 256


@pytest.fixture(params=VERSIONS, ids=lambda version: version.name)
def server(request: Any, certs: Certificates) -> Iterator[Server]:
    with Server("SMTP", limited(certs["good"].pem, request.param), implicit=True) as server:
        yield server


def test_a_resumed_session_tells_its_leaf(server: Server, certs: Certificates) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    session = None
    for resumed in (False, True):
        sock = socket.create_connection(("127.0.0.1", server.port), 10)
        tls, chain = handshake_and_chain(
            context, context.wrap_socket, sock, server_hostname="localhost", session=session
        )
        with tls:
            assert tls.recv(100)
            assert tls.session_reused == resumed
            assert chain[:1] == chain_of(certs["good"].pem)[:1]
            session = tls.session


@stock
def test_enforcement_compares_a_pin_with_a_resumed_session(server: Server, certs: Certificates) -> None:
    """Whatever the session was made with."""
    good, other = (fingerprint(chain_of(certs[name].pem)[0]) for name in ("good", "good RSA"))
    rule = HostRule("localhost", fingerprint=good)
    securedefaults.apply(rules=[rule])
    context = securedefaults.create_default_context()
    with context.wrap_socket(
        socket.create_connection(("127.0.0.1", server.port), 10), server_hostname="localhost"
    ) as tls:
        assert tls.recv(100)
        session = tls.session
    for pins, accepted in ((good, True), (other, False)):
        rule.fingerprint = (pins,)
        sock = socket.create_connection(("127.0.0.1", server.port), 10)
        if accepted:
            with context.wrap_socket(sock, server_hostname="localhost", session=session) as tls:
                assert tls.session_reused
        else:
            with pytest.raises(ssl.SSLCertVerificationError, match="pinned"):
                context.wrap_socket(sock, server_hostname="localhost", session=session)
            assert sock.fileno() == -1

"""The offline verdict is the one of a real handshake: same answer, same verify code, same words."""

from __future__ import annotations

import contextlib
import datetime
import importlib.util
import ssl
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.x509.oid import NameOID

from native import backport_only
from securedefaults._names import ACCEPTED, REFUSED, UNKNOWN
from securedefaults._tls import messages
from securedefaults._tls import verdict as verdicts
from securedefaults._tls.chain import _AFTERWARDS, recording
from securedefaults._tls.trust import PlatformTrust
from securedefaults._tls.verdict import Verdict
from wire.certs import FUTURE, PAST, Certificates, certificates, server_context

pytestmark = backport_only("they need no verdict")

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def pem(*parts: Any) -> bytes:
    """Keys and certificates."""
    encoded = b""
    for part in parts:
        if isinstance(part, x509.Certificate):
            encoded += part.public_bytes(serialization.Encoding.PEM)
        else:
            encoded += part.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
    return encoded


def issue(
    key: Any,
    signer: Any,
    issuer: x509.Name,
    *,
    name: str = "localhost",
    ca: bool = False,
    basic_constraints: bool = True,
    length: Optional[int] = None,
    usage: Optional[x509.KeyUsage] = None,
    until: datetime.datetime = FUTURE,
    extra: Tuple[Any, ...] = (),
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(PAST)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if basic_constraints:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=length), critical=True)
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical)
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(signer, algorithm)


def key_usage(**on: bool) -> x509.KeyUsage:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only"
    )
    return x509.KeyUsage(**{name: on.get(name, False) for name in names.split()})


def more_faults(certs: Certificates) -> Dict[str, bytes]:
    """What wire.certs does not have: kinds of keys, and faults further up the chain."""
    root: Any = certs.trusted._key
    top = certs.trusted._certificate.subject
    new = lambda: ec.generate_private_key(ec.SECP256R1())  # noqa: E731
    signing = key_usage(key_cert_sign=True, crl_sign=True)

    def chain(leaf_options: Dict[str, Any], ca_options: Dict[str, Any]) -> bytes:
        middle, leaf = new(), new()
        ca = issue(middle, root, top, name="middle", **{"ca": True, "usage": signing, **ca_options})
        return pem(leaf, issue(leaf, middle, ca.subject, **leaf_options), ca)

    ed, p384, weak = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP384R1()), rsa_key(1024)
    wanted = x509.ObjectIdentifier("1.2.3.4.5")
    return {
        "Ed25519": pem(ed, issue(ed, root, top)),
        "Ed25519, wrong host": pem(ed, issue(ed, root, top, name="other.example.test")),
        "P-384": pem(p384, issue(p384, root, top)),
        "weak RSA key": pem(weak, issue(weak, root, top)),
        "good chain": chain({}, {}),
        "expired intermediate": chain({}, {"until": datetime.datetime(2021, 1, 1)}),
        "intermediate is no CA": chain({}, {"ca": False}),
        "intermediate without basic constraints": chain({}, {"basic_constraints": False}),
        "intermediate may not sign": chain({}, {"usage": key_usage(digital_signature=True)}),
        "name constraints": chain({}, {"extra": ((permitted("example.org"), True),)}),
        "critical extension": chain({"extra": ((x509.UnrecognizedExtension(wanted, b"\x05\x00"), True),)}, {}),
        "expired leaf below an expired intermediate": chain(
            {"until": datetime.datetime(2021, 1, 1)}, {"until": datetime.datetime(2021, 1, 1)}
        ),
    }


def rsa_key(bits: int) -> Any:
    return rsa.generate_private_key(65537, bits)


def permitted(name: str) -> x509.NameConstraints:
    return x509.NameConstraints([x509.DNSName(name)], None)


CERTS = certificates()
CASES: Dict[str, bytes] = {**{fault.name: fault.pem for fault in CERTS.all}, **more_faults(CERTS)}


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, name: str = "localhost") -> ssl.SSLObject:
    """In memory. Raises what the client raises."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(6):
        try:
            ours.do_handshake()
        except ssl.SSLWantReadError:
            pass
        else:
            return ours
        with contextlib.suppress(ssl.SSLError):
            theirs.do_handshake()
    raise AssertionError("the handshake does not end")


def real(client: ssl.SSLContext, server: ssl.SSLContext, name: str = "localhost") -> Tuple[Any, ...]:
    """State, code and message of a verified handshake."""
    try:
        handshake(client, server, name)
    except ssl.SSLCertVerificationError as exc:
        return REFUSED, exc.verify_code, exc.verify_message
    return ACCEPTED, None, ""


def unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def sent(server: ssl.SSLContext) -> List[bytes]:
    """The chain, as warn mode gets at it."""
    context = unverified()
    with recording(context) as chain_of:
        tls: Any = handshake(context, server)
        return chain_of(tls)


def test_there_are_enough() -> None:
    assert len(CASES) >= 30


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("strict", [None, True, False])
def test_agrees_with_a_handshake(case: str, version: ssl.TLSVersion, strict: Optional[bool], trust: Path) -> None:
    server = server_context(CASES[case], ciphers="ALL:@SECLEVEL=0")
    server.minimum_version = server.maximum_version = version
    verifying = PlatformTrust(strict).shared_context()
    chain = sent(server)
    assert chain
    verdict = verdicts.judge(chain, "localhost", verifying)
    assert (verdict.state, verdict.code, verdict.message) == real(verifying, server)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("name", ["localhost", "other.example.test"])
def test_agrees_for_an_rsa_pss_key(name: str, trusted: bool, version: ssl.TLSVersion, trust: Path) -> None:
    """A key for RSASSA-PSS alone. `cryptography` cannot make one, so key, leaf and CA come from a file:

    openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048, and openssl x509 -req for the leaf.
    """
    parts = (Path(__file__).parent / "rsa_pss.pem").read_bytes()
    authority = parts[parts.rindex(b"-----BEGIN CERTIFICATE") :]
    if trusted:
        trust.write_bytes(authority)
    server = server_context(parts)
    server.minimum_version = server.maximum_version = version
    verifying = PlatformTrust().shared_context()
    verdict = verdicts.judge(sent(server), name, verifying)
    assert (verdict.state, verdict.code, verdict.message) == real(verifying, server, name)
    assert verdict.state == (ACCEPTED if trusted and name == "localhost" else REFUSED)


def test_both_answers_occur(trust: Path) -> None:
    context = PlatformTrust().shared_context()
    states = [
        verdicts.judge(sent(server_context(CASES[case], ciphers="ALL:@SECLEVEL=0")), "localhost", context).state
        for case in CASES
    ]
    assert states.count(ACCEPTED) >= 5
    assert states.count(REFUSED) >= 15
    assert UNKNOWN not in states


@pytest.mark.parametrize("name", ["127.0.0.1", "::1", "MAIL.example.test", "bücher.example.test", "nobody.test"])
def test_agrees_for_other_names(name: str, trust: Path, certs: Certificates) -> None:
    verifying = PlatformTrust().shared_context()
    verdict = verdicts.judge(sent(certs["good"].context), name, verifying)
    assert (verdict.state, verdict.code, verdict.message) == real(verifying, certs["good"].context, name)


def tls13_only() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


@pytest.mark.parametrize(
    ("chain", "context", "said"),
    [
        ([], ssl.create_default_context, "sent no certificate"),
        ([b""], ssl.create_default_context, ""),
        ([b"no certificate"], ssl.create_default_context, ""),
        ([b"\x30\x82\xff\xff"], ssl.create_default_context, ""),
        (["good"], tls13_only, "TLS 1.3 only"),
    ],
)
def test_unknown(
    chain: List[Any], context: Callable[[], ssl.SSLContext], said: str, certs: Certificates, trust: Path
) -> None:
    """Where it cannot tell it does not say that all is well."""
    verdict = verdicts.judge(sent(certs["good"].context) if chain == ["good"] else chain, "localhost", context())
    assert verdict.state == UNKNOWN
    assert said in verdict.message
    assert verdict.message


def test_a_huge_chain_is_unknown(certs: Certificates, trust: Path) -> None:
    verdict = verdicts.judge([bytes(1 << 24)], "localhost", ssl.create_default_context())
    assert verdict.state == UNKNOWN


def test_no_name_is_refused(certs: Certificates, trust: Path) -> None:
    assert verdicts.judge(sent(certs["good"].context), "", ssl.create_default_context()).state == REFUSED


@pytest.mark.parametrize("tls13", [False, True])
def test_messages(tls13: bool) -> None:
    chain = [b"a" * 300, b"", b"c" * 70000]
    message = messages.certificate(chain)
    if tls13:
        entries = b"".join(len(entry).to_bytes(3, "big") + entry + b"\x00\x02xy" for entry in chain)
        body = b"\x00" + len(entries).to_bytes(3, "big") + entries
        message = b"\x0b" + len(body).to_bytes(3, "big") + body
    assert messages.certificates(message, tls13=tls13) == chain
    for wrong in (message[:-1], message + b"x", message[:5], b"", b"\x0c" + message[1:]):
        with pytest.raises(ValueError, match=r"truncated|trailing|Certificate"):
            messages.certificates(wrong, tls13=tls13)


def test_records() -> None:
    records = messages.records(bytes(40000))
    assert [records[at : at + 5].hex() for at in (0, 16389, 2 * 16389)] == ["1603034000", "1603034000", "1603031c40"]
    assert len(records) == 40000 + 15


@pytest.mark.parametrize("hello", [b"", bytes(20), bytes(60), b"\xff" * 60])
def test_a_strange_hello_offers_nothing_or_something(hello: bytes) -> None:
    assert isinstance(messages.offered_suites(hello), frozenset)


def test_remembered(certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: List[Any] = []
    original = verdicts.judge

    def judge(*args: Any) -> Any:
        asked.append(args)
        return original(*args)

    monkeypatch.setattr(verdicts, "judge", judge)
    context = PlatformTrust().shared_context()
    chain, other = sent(certs["good"].context), sent(certs["wrong host"].context)
    for _ in range(3):
        assert verdicts.remembered(chain, "localhost", context).state == ACCEPTED
        assert verdicts.remembered(other, "localhost", context).state == REFUSED
        assert verdicts.remembered(chain, "other.test", context).state == REFUSED
    assert len(asked) == 3
    assert verdicts.remembered(chain, "localhost", PlatformTrust().shared_context()).state == ACCEPTED
    assert len(asked) == 4
    monkeypatch.setattr(verdicts, "LIFETIME", -1.0)
    verdicts.remembered(chain, "localhost", context)
    assert len(asked) == 5
    for number in range(300):
        verdicts.remembered(chain, "host%d.test" % number, context)
    assert len(verdicts._verdicts[context]) == 256


def test_somebody_elses_callback_is_left_alone(certs: Certificates, trust: Path) -> None:
    context: Any = unverified()
    seen = []
    context._msg_callback = lambda *args: seen.append(args)
    before = context._msg_callback
    with recording(context) as chain_of:
        tls: Any = handshake(context, certs["good"].context)
        chain = chain_of(tls)
    assert context._msg_callback is before
    assert seen
    # From 3.10 on the socket tells it.
    expected = ACCEPTED if sys.version_info >= (3, 10) else UNKNOWN
    assert verdicts.judge(chain, "localhost", PlatformTrust().shared_context()).state == expected


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict(ACCEPTED), "accepted"),
        (Verdict(REFUSED, 10, "certificate has expired"), "refused: certificate has expired (verify code 10)"),
        (Verdict(UNKNOWN, message="no idea"), "unknown: no idea"),
        (
            Verdict(REFUSED, 85, "Missing Authority Key Identifier", True),
            "refused: Missing Authority Key Identifier (verify code 85); "
            "only by the stricter rules of VERIFY_X509_STRICT",
        ),
    ],
)
def test_in_words(verdict: Verdict, said: str) -> None:
    assert str(verdict) == said


@pytest.mark.parametrize("name", [".example.test", "local\0host", "ü" * 70 + ".test"])
def test_a_name_that_no_certificate_can_have_is_unknown(name: str, certs: Certificates, trust: Path) -> None:
    verdict = verdicts.judge(sent(certs["good"].context), name, ssl.create_default_context())
    assert verdict.state == UNKNOWN
    assert verdict.message


@pytest.mark.parametrize("name", ["", None, b""])
def test_without_a_name_the_reason_is_the_platforms(name: Any, certs: Certificates, trust: Path) -> None:
    verdict = verdicts.judge(sent(certs["good"].context), name, ssl.create_default_context())
    assert str(verdict) == "refused: check_hostname requires server_hostname"


def test_only_a_strict_context_is_to_blame_or_not(certs: Certificates, trust: Path) -> None:
    strict = PlatformTrust.cached(True)
    verdict = strict.verdict(sent(certs["no authority key identifier"].context), "localhost")
    assert (verdict.state, verdict.strict_only) == (REFUSED, True)
    for label in ("good", "expired"):
        verdict = strict.verdict(sent(certs[label].context), "localhost")
        assert (verdict.state, verdict.strict_only) == (ACCEPTED if label == "good" else REFUSED, False)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> List[Any]:
    """What is really judged."""
    asked: List[Any] = []
    original = verdicts.judge
    monkeypatch.setattr(verdicts, "judge", lambda *args: asked.append(args) or original(*args))
    return asked


def test_a_verdict_holds_for_ten_minutes(
    asked: List[Any], certs: Certificates, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, chain, now = PlatformTrust().shared_context(), sent(certs["good"].context), [100.0]
    monkeypatch.setattr(verdicts.time, "monotonic", lambda: now[0])
    for seconds, times in ((0, 1), (600, 1), (600.5, 2), (1200.5, 2), (1201, 3)):
        now[0] = 100.0 + seconds
        assert verdicts.remembered(chain, "localhost", context).state == ACCEPTED
        assert len(asked) == times, seconds


def test_the_oldest_verdict_is_forgotten(asked: List[Any], certs: Certificates, trust: Path) -> None:
    context, chain = PlatformTrust().shared_context(), sent(certs["good"].context)
    for number in range(257):
        verdicts.remembered(chain, "host%d.test" % number, context)
    verdicts.remembered(chain, "host1.test", context)
    assert len(asked) == 257
    verdicts.remembered(chain, "host0.test", context)
    assert len(asked) == 258


def test_a_chain_is_not_taken_for_another(asked: List[Any], trust: Path) -> None:
    """The same bytes in other certificates."""
    context = PlatformTrust().shared_context()
    for chain in ([b"ab", b"c"], [b"a", b"bc"], [b"abc"]):
        verdicts.remembered(chain, "localhost", context)
    assert len(asked) == 3


@pytest.fixture
def by_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    """As up to 3.9, where sockets do not tell the chain."""
    monkeypatch.setattr(ssl._ssl, "_SSLSocket", object, raising=False)  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize("case", ["good", "good chain", "expired"])
def test_the_chain_by_callback(case: str, version: ssl.TLSVersion, by_callback: None, trust: Path) -> None:
    server = server_context(CASES[case])
    server.minimum_version = server.maximum_version = version
    ders = [x.public_bytes(serialization.Encoding.DER) for x in x509.load_pem_x509_certificates(CASES[case])]
    context: Any = unverified()
    assert context._msg_callback is None
    with recording(context) as chain_of:
        tls: Any = handshake(context, server)
        assert chain_of(tls) == ders
    assert context._msg_callback is _AFTERWARDS
    with pytest.raises(ZeroDivisionError), recording(context):
        raise ZeroDivisionError
    assert context._msg_callback is _AFTERWARDS


@pytest.mark.parametrize(
    ("implementation", "version", "stays"),
    [
        ("cpython", (3, 8, 8), True),
        ("cpython", (3, 8, 9), False),
        ("cpython", (3, 9, 0), True),
        ("cpython", (3, 9, 2), True),
        ("cpython", (3, 9, 3), False),
        ("cpython", (3, 15, 0), False),
        ("pypy", (3, 9, 16), True),
    ],
)
def test_where_a_callback_cannot_be_taken_away_there_always_is_one(
    implementation: str,
    version: Tuple[int, int, int],
    stays: bool,
    by_callback: None,
    trust: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """CPython 3.9.2, of Debian 11, stops the whole process when OpenSSL calls back and there is none (bpo-43577)."""
    if not stays and sys.implementation.name == "pypy":
        pytest.skip("it cannot play a Python that takes them away")
    chain = as_loaded_on(implementation, version, monkeypatch)
    server = server_context(CASES["good chain"])
    context: Any = unverified()
    for _ in range(2):
        with chain.recording(context) as chain_of:
            during = context._msg_callback
            tls: Any = handshake(context, server)
            assert len(chain_of(tls)) == 2
        after = context._msg_callback
        assert (after is not None) == stays
        # neither the callback of that handshake, nor anything that would keep what it has recorded
        assert after is not during
        assert getattr(after, "__closure__", None) is None


def as_loaded_on(implementation: str, version: Tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Another copy of `_tls.chain`, as that Python would load it."""
    spec: Any = importlib.util.find_spec("securedefaults._tls.chain")
    module: Any = importlib.util.module_from_spec(spec)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", version)
        patch.setattr(sys.implementation, "name", implementation)
        spec.loader.exec_module(module)
    return module


def test_the_first_chain_counts(by_callback: None, certs: Certificates, trust: Path) -> None:
    """What comes later, after a renegotiation, say, is not what was verified; and what is broken is no chain."""
    context: Any = unverified()
    first, second = messages.certificate([b"first"]), messages.certificate([b"second"])
    with recording(context) as chain_of:
        callback = context._msg_callback
        tls: Any = None
        for direction, kind, message in (
            ("write", messages.HANDSHAKE, second),
            ("read", messages.ALERT, second),
            ("read", 23, second),  # application data
            ("read", messages.HANDSHAKE, second[:-1]),
            ("read", messages.HANDSHAKE, b"\x0e\0\0\0"),
        ):
            callback(None, direction, ssl.TLSVersion.TLSv1_2, kind, None, message)
            assert chain_of(tls) == []
        for message in (first, second):
            callback(None, "read", ssl.TLSVersion.TLSv1_2, messages.HANDSHAKE, None, message)
            assert chain_of(tls) == [b"first"]


def test_somebody_elses_callback_stays_and_nothing_is_known(
    by_callback: None, certs: Certificates, trust: Path
) -> None:
    context: Any = unverified()
    theirs: Any = lambda *args: None  # noqa: E731
    context._msg_callback = theirs
    with recording(context) as chain_of:
        assert chain_of(handshake(context, certs["good"].context)) == []  # type: ignore[arg-type]
    assert context._msg_callback is theirs


def test_a_closed_connection_has_no_chain(certs: Certificates, trust: Path) -> None:
    import socket

    with recording(unverified()) as chain_of, socket.socket() as plain:
        assert chain_of(unverified().wrap_socket(plain, server_hostname="localhost")) == []


def test_a_server_without_a_certificate_has_no_chain(certs: Certificates, trust: Path) -> None:
    context, server = unverified(), server_context(certs["good"].pem)
    for side in (context, server):
        side.maximum_version = ssl.TLSVersion.TLSv1_2
        side.set_ciphers("AECDH-AES256-SHA:@SECLEVEL=0")
    with recording(context) as chain_of:
        tls: Any = handshake(context, server)
        assert chain_of(tls) == []


@pytest.mark.parametrize(("name", "expected"), [("localhost", ACCEPTED), ("other.test", REFUSED)])
def test_a_key_for_no_cipher_suite(name: str, expected: str, certs: Certificates, trust: Path) -> None:
    """Chain and name are judged all the same; no server can prove that it has the key, so none will connect."""
    root: Any = certs.trusted._key
    leaf = issue(x25519.X25519PrivateKey.generate(), root, certs.trusted._certificate.subject)
    der = leaf.public_bytes(serialization.Encoding.DER)
    assert verdicts.judge([der], name, ssl.create_default_context()).state == expected


def test_what_ends_too_early_is_not_accepted(certs: Certificates, trust: Path) -> None:
    """A context of somebody else's, whose handshakes are over before they can be."""

    class Hasty(ssl.SSLContext):
        def wrap_bio(self, *args: Any, **kwargs: Any) -> Any:
            inner = ssl.create_default_context().wrap_bio(*args, **kwargs)

            class Client:
                def do_handshake(self) -> None:
                    with contextlib.suppress(ssl.SSLWantReadError):
                        inner.do_handshake()

            return Client()

    verdict = verdicts.judge(sent(certs["good"].context), "localhost", Hasty(ssl.PROTOCOL_TLS_CLIENT))
    assert str(verdict) == "unknown: the handshake ended early"


def test_a_socket_of_another_make_has_no_chain() -> None:
    """What somebody's `sslsocket_class` makes need not have in it what those of `ssl` have."""
    other: Any = object()
    with recording(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)) as chain_of:
        assert chain_of(other) == []

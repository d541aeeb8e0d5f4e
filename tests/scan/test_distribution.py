"""The scanner as a distribution: what it takes of securedefaults, and its command, which has two names."""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

import scanner
import securedefaults
import securedefaults_scan
from securedefaults import cli
from securedefaults_scan import _rules, command

#: what it needs that is no name of `securedefaults` itself
MODULES = {"securedefaults.cli.report"}


def taken() -> Iterator[Tuple[str, str]]:
    """Module and name of each import of something of securedefaults."""
    for path in sorted(Path(securedefaults_scan.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level:
                pairs = [(node.module or "", alias.name) for alias in node.names]
            elif isinstance(node, ast.Import):
                pairs = [(alias.name, "") for alias in node.names]
            else:
                continue
            yield from (pair for pair in pairs if pair[0].partition(".")[0] == "securedefaults")


def test_it_takes_what_is_public() -> None:
    """The modules of securedefaults may move; they are two distributions, of which one may be newer."""
    found = set(taken())
    assert ("securedefaults", "ENTRY_POINTS") in found
    for module, name in found:
        if module == "securedefaults":
            assert name in securedefaults.__all__
        else:
            assert module in MODULES
            assert not name.startswith("_")


def test_upgrades_are_known_by_the_table() -> None:
    """It says so in a word; were it another one, calls of these methods would be missed."""
    assert {"starttls", "stls", "auth"} == _rules.UPGRADES
    assert {"smtplib", "imaplib", "poplib", "ftplib", "nntplib"} == _rules.CLIENTS


def options(parser: argparse.ArgumentParser) -> Dict[str, Tuple[Any, ...]]:
    return {
        "/".join(action.option_strings) or action.dest: (action.dest, action.nargs, action.default, action.choices)
        for action in parser._actions
        if action.dest not in ("help", "version")
    }


def test_both_names_have_the_same_options() -> None:
    (commands,) = [each for each in cli._parser("scan", command)._actions if isinstance(each.choices, dict)]
    assert isinstance(commands.choices, dict)
    assert options(commands.choices["scan"]) == options(command._parser())
    assert commands.choices["scan"].prog == "securedefaults scan"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Tuple[object, str, str]:
    try:
        status: object = command.main(arguments)
    except SystemExit as exc:
        status = exc.code
    return (status, *capsys.readouterr())


def test_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It says its own name wherever it says one."""
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text('import smtplib\nsmtplib.SMTP_SSL("h")\nsmtplib.SMTP_SSL("h", context=None)\n')
    Path("seen.jsonl").write_text("{broken\n")
    status, out, err = said(capsys, "program.py")
    assert (status, err) == (1, "")
    assert "program.py:2:1: SD101" in out
    assert said(capsys, "--json", "program.py")[1].startswith("{")
    assert said(capsys, "missing.py") == (2, "", "securedefaults-scan: error: missing.py does not exist\n")
    assert said(capsys, "--with", "seen.jsonl", "program.py")[2].startswith("securedefaults-scan: seen.jsonl:1: ")
    assert said(capsys, "--fix", "program.py")[2] == "securedefaults-scan: 2 fixed in 1 file\n"
    status, out, err = said(capsys)
    assert (status, out) == (2, "")
    assert err.startswith("usage: securedefaults-scan [-h]")
    status, out, _ = said(capsys, "--help")
    assert status == 0
    assert "  securedefaults-scan --diff src/" in out
    assert "securedefaults scan" not in out
    assert said(capsys, "--version")[1] == "securedefaults-scan %s\n" % securedefaults.__version__


def test_by_the_command_of_securedefaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scan", "missing.py"]) == 2
    assert capsys.readouterr().err == "securedefaults scan: error: missing.py does not exist\n"
    with pytest.raises(SystemExit):
        cli.main(["scan", "--help"])
    out = capsys.readouterr().out
    assert "  securedefaults scan --diff src/" in out
    assert "securedefaults-scan" not in out


def test_the_other_commands_do_not_load_it(scanner_paths: List[str]) -> None:
    source = "import sys; from securedefaults import cli; cli.main(['status', '--json'])"
    source += "; print([name for name in sys.modules if name.startswith('securedefaults_scan')])"
    path = os.pathsep.join([*scanner_paths, os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", source],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
def test_nobody_reads(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text('import smtplib\nsmtplib.SMTP_SSL("h")\n')
    reader, writer = os.pipe()
    os.close(reader)
    try:
        line = [sys.executable, "-m", "securedefaults_scan", str(tmp_path)]
        done = subprocess.run(line, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("table", ["scripts", 'entry-points."securedefaults.commands"'])
def test_what_the_project_names_is_there(table: str) -> None:
    project = scanner.PROJECT.read_text(encoding="utf-8")
    lines = project.partition("[project.%s]\n" % table)[2].partition("\n\n")[0].splitlines()
    (value,) = [re.sub(r'^[\w-]+ = "(.*)"$', r"\1", line) for line in lines]
    module, _, name = value.partition(":")
    found = importlib.import_module(module)
    assert callable(getattr(found, name or "run"))


def test_the_script_is_installed() -> None:
    script = Path(sys.executable).with_name("securedefaults-scan")
    if not script.exists():
        pytest.skip("not installed in an environment of its own")
    done = subprocess.run([str(script), "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "securedefaults-scan %s\n" % securedefaults.__version__

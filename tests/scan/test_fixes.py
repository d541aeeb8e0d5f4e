"""What `scan --fix` writes is executed: it verifies when it runs, and nothing else of the file has changed."""

from __future__ import annotations

import ast
import difflib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, NamedTuple

import pytest
from compare.cases import CORPUS, Case, corpus
from compare.execution import execute, server_context
from compare.tools import environment

from wire.certs import Certificates

pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="what is written is the same everywhere: once, on Python 3.11"
)

CASES = [case for case in corpus() if case.kind != "safe"]


def scan(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "securedefaults_scan", ".", *options]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=300)


def findings(folder: Path) -> Dict[str, List[Any]]:
    """By name of the case."""
    done = scan(folder, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    by_name: Dict[str, List[Any]] = {}
    for one in json.loads(done.stdout)["findings"]:
        by_name.setdefault(Path(one["path"]).with_suffix("").as_posix(), []).append(one)
    return by_name


class Fixed(NamedTuple):
    """The corpus after `scan --fix`, and what was found before and after."""

    folder: Path
    before: Dict[str, List[Any]]
    after: Dict[str, List[Any]]

    def path(self, case: Case) -> Path:
        return self.folder / case.path.relative_to(CORPUS)

    def fixable(self, case: Case) -> List[Any]:
        return [one for one in self.before.get(case.name, ()) if one["fixable"]]


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Fixed:
    folder = tmp_path_factory.mktemp("fixed") / "corpus"
    shutil.copytree(CORPUS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = findings(folder)
    done = scan(folder, "--fix")
    assert done.returncode in (0, 1), done.stderr
    return Fixed(folder, before, findings(folder))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fix(case: Case, fixed: Fixed, certs: Certificates, trust: Path) -> None:
    fixable = fixed.fixable(case)
    before, after = case.path.read_bytes(), fixed.path(case).read_bytes()
    if not fixable:
        assert after == before
        pytest.skip("nothing in it can be fixed by the command")
    assert after != before
    assert [one for one in fixed.after.get(case.name, ()) if one["fixable"]] == []
    assert_nothing_else_changed(before, after, fixable)
    if not case.fits(sys.version_info[:2]):
        pytest.skip("it needs Python %s to be parsed and run" % case.labels["python"])
    ast.parse(after)
    if case.server is None:
        pytest.skip("it cannot be executed: " + case.reason)
    if fixed.after.get(case.name):
        pytest.skip("what is left in it was not fixed: %s" % {one["id"] for one in fixed.after[case.name]})
    impostor = execute(fixed.path(case), case, server_context(case, certs), trust)
    assert impostor.received == [], after.decode("latin-1")
    good = execute(fixed.path(case), case, certs["good"].context, trust)
    if case.labels.get("effect") == "broken":
        assert good.received == []
        return
    assert good.received == ["inside"], good.output + after.decode("latin-1")
    assert good.status == 0, good.output


IMPORT = re.compile(rb"\s*(import ssl( as \w+)?|from ssl import \w+)\r?\n")


def assert_nothing_else_changed(before: bytes, after: bytes, fixable: List[Any]) -> None:
    """Lines of findings may differ, an import of ssl and blank lines may be new; all else is there, byte by byte."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    allowed = {number for one in fixable for number in range(one["line"], (one["end_line"] or one["line"]) + 1)}
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        touched = set(range(i1 + 1, i2 + 1))
        assert touched <= allowed, old[i1:i2]
        if tag == "insert" and not {i1, i1 + 1} & allowed:
            assert all(IMPORT.fullmatch(line) or not line.strip() for line in new[j1:j2]), new[j1:j2]
        ends = {line[len(line.rstrip(b"\r\n")) :] for line in old}
        assert {line[len(line.rstrip(b"\r\n")) :] for line in new[j1:j2]} <= ends


def test_safe_programs_are_left_alone(fixed: Fixed) -> None:
    for case in corpus():
        if case.kind == "safe":
            assert fixed.path(case).read_bytes() == case.path.read_bytes(), case.name


def test_a_second_time_changes_nothing(fixed: Fixed) -> None:
    once = {case.name: fixed.path(case).read_bytes() for case in CASES}
    done = scan(fixed.folder, "--fix")
    assert done.returncode in (0, 1), done.stderr
    assert {case.name: fixed.path(case).read_bytes() for case in CASES} == once


def test_most_of_it_can_be_fixed(fixed: Fixed) -> None:
    """Where a context was simply left out, a plain program is mended by the command."""
    plain = [case for case in CASES if case.kind == "default" and case.level == "plain"]
    left_out = [case for case in plain if any("SD101" in site.rules for site in case.sites)]
    mended = [case for case in left_out if fixed.fixable(case)]
    assert len(mended) >= 0.9 * len(left_out), sorted({case.name for case in left_out} - {case.name for case in mended})

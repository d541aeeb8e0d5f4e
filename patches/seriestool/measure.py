"""`test`: CPython's own tests on an interpreter as it is, and patched up to the end of each stage."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Dict, List, Sequence, Set

from .applying import Touching, scratch
from .model import CODE, EVERYWHERE, FOLDER, NEW_TESTS, STAGES, VERIFY, Branch, Patch, Problem, added_tests
from .prefix import patched
from .trees import Tree

#: CPython's tests of what the series touches.
OWN_TESTS = ("test_smtplib", "test_imaplib", "test_poplib", "test_ftplib", "test_nntplib", "test_logging", "test_ssl")

#: It connects to servers on the Internet unless it is told another; `test --thorough` runs it.
BY_HAND = ("test_smtpnet",)

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"

#: Seconds for all of OWN_TESTS; a minute is usual.
TIMEOUT = 1200

#: Tests of this project that look at a client from the server's side.
WIRE_TESTS = ("test_matrix.py", "test_hosts.py", "test_upgrade.py")

Outcomes = Dict[str, str]


class Measured:
    """What the tests of one interpreter said. `problems` is empty if they said what they should."""

    def __init__(self) -> None:
        self.stages: Dict[str, Dict[str, int]] = {}
        self.problems: List[str] = []

    def add(self, stage: str, outcomes: Outcomes) -> None:
        """Count them."""
        self.stages[stage] = {
            kind: sum(outcome == kind for outcome in outcomes.values()) for kind in (PASSED, FAILED, SKIPPED)
        }

    def require(self, condition: bool, problem: str) -> None:
        """Note what is wrong."""
        if not condition:
            self.problems.append(problem)


def measure(branch: Branch, tree: Tree, last: str = VERIFY, *, wire: bool = False) -> Measured:
    """Everything for one installed interpreter; takes some minutes.

    Args:
        branch: the series.
        tree: the interpreter.
        last: the last stage to look at.
        wire: also run this project's tests, with the packages of the interpreter that runs this.
    """
    measured = Measured()
    own = [name for name in OWN_TESTS if (tree.lib / "test" / (name + ".py")).exists()]
    with patched(tree, ()) as python:
        before = run_tests(python, own)
    measured.add("unpatched", before)
    for stage in STAGES[: STAGES.index(last) + 1]:
        patches = branch.select(tree.version, EVERYWHERE, stage)
        brought = test_files(patches)
        # The new file is the longest, and the reddest; before it is there, those that the patches change are run.
        if brought:
            _red(measured, tree, stage, patches, [NEW_TESTS] if NEW_TESTS in brought else brought)
        with patched(tree, patches) as python:
            after = run_tests(python, [*own, *sorted(set(brought) - set(own) - set(BY_HAND))])
            measured.add(stage, after)
            _compare(measured, stage, before, after, patches)
            if wire and stage == VERIFY:
                _wire(measured, tree, python)
    return measured


def each(branch: Branch, tree: Tree, last: str = VERIFY) -> Measured:
    """For each patch that brings tests: do they fail with the patches before it, but without its code?"""
    measured = Measured()
    patches = branch.select(tree.version, EVERYWHERE, last)
    for number, patch in enumerate(patches):
        files = test_files([patch])
        if patch.role != CODE or not files:
            continue
        with patched(tree, patches[:number], only_tests=[patch]) as python:
            outcomes = run_tests(python, files)
        measured.add(patch.slug, outcomes)
        measured.require(FAILED in outcomes.values(), "%s: its tests pass without it" % patch.slug)
    return measured


def test_files(patches: Sequence[Touching]) -> List[str]:
    """The names of the files of tests that they touch, as regrtest takes them."""
    names = {name for patch in patches for name in patch.files()}
    return sorted(Path(name).stem for name in names if re.match(r"Lib/test/test_\w+\.py$", name))


def _red(measured: Measured, tree: Tree, stage: str, patches: Sequence[Patch], names: Sequence[str]) -> None:
    with patched(tree, (), only_tests=patches) as python:
        outcomes = run_tests(python, names)
    measured.add(stage + ", tests only", outcomes)
    failed = [name for name, outcome in outcomes.items() if outcome == FAILED]
    measured.require(bool(failed), "%s: the new tests pass without the code" % stage)


def _compare(measured: Measured, stage: str, before: Outcomes, after: Outcomes, patches: Sequence[Patch]) -> None:
    failed = {name for name, outcome in after.items() if outcome == FAILED}
    known = {name for name, outcome in before.items() if outcome == FAILED}
    for name in sorted(failed - known):
        measured.problems.append("%s: %s fails" % (stage, name))
    for name in sorted(set(before) - set(after)):
        measured.problems.append("%s: %s is gone" % (stage, name))
    new: Dict[str, Set[str]] = {}
    for name in set(after) - set(before):
        file, method = re.findall(r"\b(test_\w+)\.(?:.*\.)?(test\w+)", name)[0]
        new.setdefault(file, set()).add(method)
    added = added_tests(patches)
    for file in sorted(set(new) | set(added) - set(BY_HAND)):
        for method in sorted(added.get(file, set()) - new.get(file, set())):
            measured.problems.append("%s: %s of %s, which the patches add, was not run" % (stage, method, file))
        for method in sorted(new.get(file, set()) - added.get(file, set())):
            measured.problems.append("%s: %s of %s was run, and no patch adds it" % (stage, method, file))


def environment() -> Dict[str, str]:
    """For CPython's tests; OpenSSL's own settings are not for them."""
    kept = {name: value for name, value in os.environ.items() if name not in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}


def run_tests(python: Path, names: Sequence[str]) -> Outcomes:
    """Run them with regrtest, each in a process of its own; from each test's id to its outcome."""
    with scratch() as folder:
        report = folder / "report.xml"
        # They sleep more than they work.
        command = [str(python), "-E", "-m", "test", "-j4", "--junit-xml", str(report), *names]
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=TIMEOUT, check=False
            )
        except subprocess.TimeoutExpired as exc:
            raise Problem("%s did not end within %d s" % (" ".join(command), TIMEOUT)) from exc
        if not report.exists():
            raise Problem("%s: no report: %s" % (" ".join(command), (done.stdout + done.stderr)[-2000:]))
        outcomes = _outcomes(report)
    if done.returncode:
        outcomes.update(_in_subtests(done.stdout, outcomes))
    if done.returncode and FAILED not in outcomes.values():
        # a file that could not be run at all is in no report
        raise Problem("%s: exit status %d: %s" % (" ".join(command), done.returncode, done.stdout[-2000:]))
    return outcomes


def _in_subtests(said: str, outcomes: Outcomes) -> Outcomes:
    """Failures of which the report knows nothing: of tests that fail in a subtest alone, one for each such file."""
    files = set(re.findall(r"\b(test_\w+) failed \(\d+ (?:error|failure)s?\b", said))
    failed = {name for name, outcome in outcomes.items() if outcome == FAILED}
    return {"test.%s.%s" % (file, file): FAILED for file in files if not any(".%s." % file in name for name in failed)}


def _outcomes(report: Path) -> Outcomes:
    """Of a report like JUnit's, which regrtest and pytest both write."""
    cases = ElementTree.parse(report).getroot().iter("testcase")
    return {"%s.%s" % (case.get("classname", ""), case.get("name")): _outcome(case) for case in cases}


def _outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return FAILED
    return SKIPPED if case.find("skipped") is not None else PASSED


_STATUS = """
import securedefaults
securedefaults.apply()
import smtplib, imaplib, poplib, ftplib, logging.handlers
states = {entry.name: entry.state for entry in securedefaults.status().entry_points}
wrong = {name: state for name, state in states.items() if state not in ("native", "absent")}
assert not wrong, wrong
assert "native" in states.values()
"""


def _wire(measured: Measured, tree: Tree, python: Path) -> None:
    """The project's own tests on the patched interpreter, alone and with the backport; the real servers if wanted."""
    if tree.version[:2] != sys.version_info[:2]:
        raise Problem(
            "the tests of this project need packages for Python %d.%d: run series.py with it" % tree.version[:2]
        )
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([sysconfig.get_path("purelib"), str(FOLDER.parent / "backport")]),
    }
    status = subprocess.run([str(python), "-c", _STATUS], env=environ, capture_output=True, text=True, check=False)
    measured.require(status.returncode == 0, "status() does not say native: " + status.stderr[-300:])
    suites = {"wire": ["backport/" + name for name in WIRE_TESTS]}
    if os.environ.get("SECUREDEFAULTS_INTEROP") == "1":
        suites["interop"] = ["interop"]
    for suite, tests in suites.items():
        for how in ("alone", "with"):
            stage = "%s, %s" % (suite, how)
            _run_ours(measured, stage, python, tests, {**environ, "SECUREDEFAULTS_PATCHED": how})


def _run_ours(measured: Measured, stage: str, python: Path, tests: Sequence[str], environ: Dict[str, str]) -> None:
    """Run these files or folders below `tests`, all of which have to pass."""
    with scratch() as folder:
        report = folder / "report.xml"
        command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", str(report)]
        done = subprocess.run(
            [*command, *[str(FOLDER.parent / "tests" / name) for name in tests]],
            cwd=FOLDER.parent,
            env=environ,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        said = (done.stdout + done.stderr)[-1500:]
        if not report.exists():
            raise Problem("%s: pytest has not run on %s: %s" % (stage, python, said))
        measured.require(done.returncode == 0, "%s: %s" % (stage, said))
        measured.add(stage, _outcomes(report))

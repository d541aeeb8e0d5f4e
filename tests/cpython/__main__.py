"""CPython's own tests of the mail, FTP and news clients, of logging, ssl and asyncio, with the backport in force.

    python tests/cpython [--write FILE] [TEST ...]

Each test file of this interpreter is run as it is ("stock"), in warn mode and enforced, with apply() called before it
is imported. Enforced, the only tests that may fail are those in EXPECTED, each for the reason that is given there, and
every one of them must fail for a certificate: they connect without a context to servers whose certificate nobody
trusts. In warn mode, only those that want no warning. A test that is different and not expected, and an expectation
that nothing meets any more, end in exit status 1. --write puts the table of this Python into FILE.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import fnmatch
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from child import FAILED, PASSED, SKIPPED

import marks

HERE = Path(__file__).resolve().parent
BACKPORT = HERE.parent.parent / "backport"

STOCK, WARN, ENFORCE = "stock", "warn", "enforce"
MODES = (STOCK, WARN, ENFORCE)

#: Run one class a process, or one test, see jobs().
MAIL = ("test_smtplib", "test_imaplib", "test_poplib", "test_ftplib", "test_nntplib")
#: Run one file a process.
OTHERS = ("test_logging", "test_ssl", "test_asyncio")

#: Tests that rely on the unverified default, by pattern: `file.class.method`.
EXPECTED: Dict[str, str] = {
    "test_ftplib.TestTLS_FTPClass.*": "FTP_TLS() without a context, to a certificate of the tests' own CA",
    "test_ftplib.TestTLS_FTPClassMixin.*": "the tests of FTP once more, by FTP_TLS() without a context",
    "test_imaplib.NewIMAPSSLTests.*": "IMAP4_SSL() without a context",
    "test_imaplib.ThreadedNetworkedTestsSSL.*": "IMAP4_SSL() without a context",
    "test_nntplib.LocalServerTests.test_starttls": "starttls() without a context",
    "test_poplib.TestPOP3Class.test_stls": "stls() without a context",
    "test_poplib.TestPOP3_SSLClass.*": "the tests of POP3 once more, by POP3_SSL() without a context",
    "test_poplib.TestPOP3_TLSClass.*": "the tests of POP3 once more, after stls() without a context",
}

#: Tests that want no warning at all, of whatever kind, while they connect without a context.
WARNED: Dict[str, str] = {
    "test_ftplib.TestTLS_FTPClassMixin.test_storlines": "asserts that storlines() warns of nothing",
}

#: What the end of a traceback has where a certificate was refused.
REFUSED = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError")
#: And where one of our warnings was the reason.
SAID = re.compile(r"WouldBeRefusedWarning|UnverifiedDefaultWarning")

#: Seconds for a file or class; the whole of test_asyncio's slowest takes half a minute.
TIMEOUT = 600

Outcomes = Dict[str, Tuple[str, str]]


class Job(NamedTuple):
    """A file, or a class or a test of it, in a mode."""

    module: str
    prefix: str
    mode: str


def environment() -> Dict[str, str]:
    """OpenSSL's own settings are not for CPython's tests, and ours come by the mode."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("SSL_CERT_", "SECUREDEFAULTS_"))}
    return {**environ, "PYTHONPATH": str(BACKPORT), "PYTHONDONTWRITEBYTECODE": "1"}


def child(folder: str, *arguments: str) -> Tuple[int, str]:
    """Exit status and output."""
    command = [sys.executable, str(HERE / "child.py"), *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=TIMEOUT,
        check=False,
    )
    return done.returncode, done.stdout


def modules(name: str) -> List[str]:
    """The module of a test file; of a package all that are in it."""
    import importlib.util

    spec = importlib.util.find_spec("test." + name)
    if spec is None:
        return []
    folders = spec.submodule_search_locations
    if not folders:
        return ["test." + name]
    return ["test.%s.%s" % (name, path.stem) for path in sorted(Path(next(iter(folders))).glob("test_*.py"))]


def jobs(names: Sequence[str]) -> List[Job]:
    """What is to be run, the longest first."""
    found: List[Job] = []
    for name in names:
        for module in modules(name):
            if name not in MAIL:
                found += [Job(module, "", mode) for mode in MODES]
                continue
            tests = ids(module)
            for cls in dict.fromkeys(test.rpartition(".")[0] for test in tests):
                found += [Job(module, cls, mode) for mode in (STOCK, WARN)]
                # After a setUp() that fails, the next test meets the server thread of the one before.
                inside = [test for test in tests if test.rpartition(".")[0] == cls]
                apart = any(reason_for(short(test), EXPECTED) for test in inside)
                found += [Job(module, prefix, ENFORCE) for prefix in (inside if apart else [cls])]
    return sorted(found, key=lambda job: bool(job.prefix))


def ids(module: str) -> List[str]:
    """Of the tests in that module."""
    with tempfile.TemporaryDirectory() as folder:
        status, out = child(folder, STOCK, "-", module)
    if status:
        raise SystemExit("%s cannot be imported:\n%s" % (module, out[-2000:]))
    return [line for line in out.splitlines() if line.startswith(module + ".")]


def short(name: str) -> str:
    """An id without the package `test`."""
    return name.partition(".")[2]


def run(job: Job) -> Outcomes:
    """The outcomes; a process that died is an outcome of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        status, text = child(folder, job.mode, out, job.module, *([job.prefix] if job.prefix else []))
        if not os.path.exists(out):
            # A file that is not for this platform says so by SkipTest.
            outcome = SKIPPED if "SkipTest" in text else FAILED
            return {short(job.prefix or job.module): (outcome, "exit status %d\n%s" % (status, text[-2000:]))}
        with open(out, encoding="ascii") as file:
            return {short(name): tuple(outcome) for name, outcome in json.load(file).items()}


def run_all(todo: Sequence[Job]) -> Dict[str, Outcomes]:
    """The outcomes by mode."""
    found: Dict[str, Outcomes] = {mode: {} for mode in MODES}
    # They sleep more than they work.
    with concurrent.futures.ThreadPoolExecutor(4) as workers:
        for job, outcomes in zip(todo, workers.map(run, todo)):
            found[job.mode].update(outcomes)
    return found


def settle(found: Dict[str, Outcomes]) -> List[str]:
    """Run what is different and not expected once more, alone: many tests of asyncio and ssl measure time.

    Both the mode and stock, so that they are as equal as they can be. Returns what came out the same then.
    """
    unsteady = []
    for mode, table in ((WARN, WARNED), (ENFORCE, EXPECTED)):
        for name in differences(found[STOCK], found[mode]):
            module, _, _ = ("test." + name).rpartition(".")[0].rpartition(".")
            if reason_for(name, table) or not module.startswith("test."):
                continue
            for each in (STOCK, mode):
                found[each].update(run(Job(module, "test." + name, each)))
            if name not in differences(found[STOCK], found[mode]):
                unsteady.append("%s: %s" % (mode, name))
    return unsteady


def differences(stock: Outcomes, other: Outcomes) -> Dict[str, str]:
    """The tests that came out otherwise, with the end of their tracebacks."""
    return {
        name: other.get(name, ("missing", ""))[1]
        for name in sorted({*stock, *other})
        if other.get(name, ("missing", ""))[0] != stock.get(name, ("missing", ""))[0]
    }


def reason_for(name: str, table: Dict[str, str]) -> Optional[str]:
    """The reason for which that test may be different."""
    return next((reason for pattern, reason in table.items() if fnmatch.fnmatchcase(name, pattern)), None)


def judge(found: Dict[str, Outcomes]) -> Tuple[List[str], Dict[str, str]]:
    """What is wrong; and the differences that are as they should be, with their reasons."""
    problems: List[str] = []
    accepted: Dict[str, str] = {}
    for mode, table, evidence in ((WARN, WARNED, SAID), (ENFORCE, EXPECTED, REFUSED)):
        different = differences(found[STOCK], found[mode])
        for name, text in different.items():
            reason = reason_for(name, table)
            if reason is None:
                problems.append("%s: %s is different: %s" % (mode, name, text))
            elif not evidence.search(text):
                problems.append("%s: %s is different, but not for the reason expected: %s" % (mode, name, text))
            else:
                accepted["%s: %s" % (mode, name)] = reason
        for pattern in table:
            if fnmatch.filter(found[STOCK], pattern) and not fnmatch.filter(different, pattern):
                problems.append("%s: nothing is different about %s any more" % (mode, pattern))
    return problems, accepted


def table(found: Dict[str, Outcomes], accepted: Dict[str, str]) -> str:
    """In Markdown: how many, and what is different by the pattern that says why."""
    lines = ["Python %s" % platform.python_version(), "", "| mode | passed | failed | skipped |", "|---|---|---|---|"]
    for mode in MODES:
        counts = [sum(outcome == kind for outcome, _ in found[mode].values()) for kind in (PASSED, FAILED, SKIPPED)]
        lines.append("| %s | %d | %d | %d |" % (mode, *counts))
    lines += ["", "| different | tests | why |", "|---|---|---|"]
    for mode, patterns in ((WARN, WARNED), (ENFORCE, EXPECTED)):
        for pattern, reason in patterns.items():
            count = len(fnmatch.filter(accepted, "%s: %s" % (mode, pattern)))
            if count:
                lines.append("| %s: `%s` | %d | %s |" % (mode, pattern, count, reason))
    return "\n".join(lines)


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", metavar="TEST", default=[*MAIL, *OTHERS])
    parser.add_argument("--write", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    start = time.monotonic()
    found = run_all(jobs(arguments.tests))
    unsteady = settle(found)
    problems, accepted = judge(found)
    for problem in problems:
        print("%s\n" % problem)
    text = table(found, accepted)
    print(text)
    print(
        "\nwrong: %d; different in the crowd, and not alone: %d; %.0f s"
        % (len(problems), len(unsteady), time.monotonic() - start)
    )
    for name in unsteady:
        print("  " + name)
    if arguments.write and not problems:
        marks.write(arguments.write, "cpython %d.%d" % sys.version_info[:2], text)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

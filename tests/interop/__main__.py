"""Run the tests against real servers, and put what came out into a table.

    python tests/interop [--write FILE]

without --write the table is printed. As `pytest tests/interop`, it needs the environment of the tests, and root.
"""

from __future__ import annotations

import argparse
import collections
import os
import platform
import re
import ssl
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Counter, Dict, List, Tuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from interop.servers import SERVERS, SITES, TRUSTED  # noqa: E402

#: a test's name, e.g. test_impostor[expired-Dovecot-imaplib.IMAP4_SSL]
NAME = re.compile(
    r"test_(\w+)\[(?:(%s)-)?(%s)-(\w+\.[\w.]+)\]"
    % ("|".join(site.name for site in SITES), "|".join(server.name for server in SERVERS))
)

HEADER = """\
# Real servers

What `python tests/interop --write Doc/interop.md` saw with {python} and {openssl}.
Each program connects without a context, logs in, does some work and quits. A server has one site whose certificate is
of the CA that the client trusts, and three impostors: another CA, expired, for another host. Whether a login arrived
is read in the server's own log.

| server | client | stock | apply(), impostors | apply(), trusted CA | apply("warn") |
|---|---|---|---|---|---|
"""

Row = Tuple[str, str]


def run() -> ElementTree.Element:
    """The report of the tests."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", str(HERE), "--junitxml", str(report)]
        environment = dict(os.environ, SECUREDEFAULTS_INTEROP="1", SECUREDEFAULTS_REQUIRE_INTEROP="1")
        done = subprocess.run(command, cwd=str(HERE.parent.parent), env=environment, check=False)
        if done.returncode not in (0, 1):
            sys.exit("pytest could not run: exit status %d" % done.returncode)
        return ElementTree.parse(report).getroot()


def counts(report: ElementTree.Element) -> Dict[Row, Counter[Tuple[str, bool]]]:
    """For each server and client how many tests of a kind were passed, and not."""
    found: Dict[Row, Counter[Tuple[str, bool]]] = {}
    for case in report.iter("testcase"):
        match = NAME.match(case.get("name", ""))
        if match is None or case.find("skipped") is not None:
            continue
        test, site, server, client = match.groups()
        if test == "stock" and site == TRUSTED.name:
            continue  # the column is about impostors
        passed = case.find("failure") is None and case.find("error") is None
        found.setdefault((server, client), collections.Counter())[test, passed] += 1
    return found


def cell(counter: Counter[Tuple[str, bool]], test: str, word: str) -> str:
    good, bad = counter[test, True], counter[test, False]
    return "%s %d of %d" % (word, good, good + bad) if good + bad else "not run"


def table(report: ElementTree.Element) -> str:
    """The document."""
    lines: List[str] = []
    for (server, client), counter in sorted(counts(report).items(), key=lambda item: item[0][0].lower()):
        recipe = " with `session=`" if server.endswith("-reuse") else ""
        cells = [
            server.replace("-reuse", ", session reuse required"),
            "`%s`%s" % (client, recipe),
            cell(counter, "stock", "logs in to"),
            cell(counter, "impostor", "refuses"),
            cell(counter, "trusted", "works with"),
            cell(counter, "warn", "works and is right about"),
        ]
        lines.append("| %s |" % " | ".join(cells))
    python = "Python %s" % platform.python_version()
    return HEADER.format(python=python, openssl=ssl.OPENSSL_VERSION) + "\n".join(lines) + "\n"


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python tests/interop", description=__doc__.partition("\n")[0])
    parser.add_argument("--write", type=Path, metavar="FILE", help="where the table goes")
    options = parser.parse_args()
    report = run()
    text = table(report)
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(text)
    else:
        print(text)
    failed = any(case.find("failure") is not None or case.find("error") is not None for case in report.iter("testcase"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

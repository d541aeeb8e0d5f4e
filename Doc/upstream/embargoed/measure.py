"""Runs the scripts of security-report.md with each interpreter, and puts what they print into its tables.

    python3 Doc/upstream/embargoed/measure.py [--write] PYTHON ...

Without --write the tables are printed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, Tuple

REPORT = Path(__file__).with_name("security-report.md")
#: The scripts, and what each of their lines is about.
NAMES = ("injection", "cleartext")


def script(name: str) -> str:
    """The Python code in the report's section of that name."""
    found = re.search(r"<!-- script %s -->\n```python\n(.*?)```\n" % name, REPORT.read_text("utf-8"), re.DOTALL)
    if found is None:
        sys.exit("%s has no script %s" % (REPORT, name))
    return found.group(1)


def ran(name: str, python: str) -> Tuple[int, Dict[str, str]]:
    """The exit status of the script, and what it printed: before and after the colon of each line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (name + ".py")
        path.write_text(script(name), encoding="utf-8")
        done = subprocess.run([python, "-I", str(path)], capture_output=True, text=True, timeout=100, check=False)
    if done.returncode not in (0, 1) or done.stderr:
        raise RuntimeError("%s, run with %s: %s" % (name, python, done.stderr or done.returncode))
    return done.returncode, dict(line.split(": ", 1) for line in done.stdout.splitlines())


def version(python: str) -> str:
    command = [python, "-I", "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def table(name: str, pythons: List[str]) -> str:
    results = sorted(
        ((version(python), ran(name, python)[1]) for python in pythons),
        key=lambda result: [int(part) for part in result[0].split(".")],
    )
    columns = list(results[0][1])
    lines = ["| Python | %s |" % " | ".join(columns), "|---" * (len(columns) + 1) + "|"]
    lines += ["| %s | %s |" % (python, " | ".join(found[column] for column in columns)) for python, found in results]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("pythons", metavar="PYTHON", nargs="+")
    arguments = parser.parse_args()
    for name in NAMES:
        measured = table(name, arguments.pythons)
        if not arguments.write:
            print(measured)
            continue
        pattern = r"(<!-- measured %s -->\n).*?(<!-- end measured %s -->)" % (name, name)
        before = REPORT.read_text("utf-8")
        after = re.sub(pattern, lambda match: match.group(1) + measured + match.group(2), before, flags=re.DOTALL)  # noqa: B023
        REPORT.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Run the whole test matrix: every Python of this machine from 3.8 on, lint, types, documentation, coverage, programs
of PyPI, and on each of them the patch series and the tests against real servers; a part of the tests on PyPy; and a
table at the end.

    python3 tests/matrix.py [--quick]

Needs nothing but Python 3.9 or later: it makes an environment for tox in .venv. --quick leaves out the coverage, the
patches, the programs and the real servers. Python 3.14 and 3.15 are found where `patches/fetch.py interpreters` puts
them, PyPy is pypy3 on PATH (`apt-get install pypy3`), and the servers where `tests/interop/install.py` does.
An interpreter that is here and did not run is a failure, and so is one that SECUREDEFAULTS_REQUIRE="3.8 3.9 ..." names
and that is not here. Without the servers their tests are left out, unless SECUREDEFAULTS_REQUIRE_INTEROP=1.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
import venv
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

from interop import install

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / ".tox" / "results"
FIRST = ["lint", "types", "docs", "patches-check"]
#: The suite is measured while it runs on these.
MEASURED = ((3, 9), (3, 13))

#: The program, and the environment in which a part of the suite runs on it.
PYPY = "pypy3"

Version = Tuple[int, int]


def interpreters() -> Dict[Version, str]:
    """The first working python3.N of each version from 3.8 on: on PATH, and pyenv's."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    folders += sorted(glob.glob(os.path.join(pyenv, "versions", "3.*", "bin")))
    folders.append(str(ROOT / ".cache" / "debian" / "usr" / "bin"))
    found: Dict[Version, str] = {}
    for folder in folders:
        for path in glob.glob(os.path.join(folder, "python3.*")):
            match = re.fullmatch(r"python3\.(\d+)", os.path.basename(path))
            version = (3, int(match.group(1))) if match else (0, 0)
            if version >= (3, 8) and version not in found and works(path):
                found[version] = path
    return dict(sorted(found.items()))


def works(path: str) -> bool:
    """Whether it starts and can make environments; pyenv's shims need not."""
    command = [path, "-c", "import ssl, venv"]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def tox() -> str:
    """Path of tox, installed into .venv if it is not there yet."""
    folder = ROOT / ".venv"
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    if not (binaries / "tox").exists():
        venv.create(folder, with_pip=True)
        subprocess.run(
            [str(binaries / "python"), "-m", "pip", "install", "-q", "tox>=4.22,<5", "virtualenv<21"], check=True
        )
    return str(binaries / "tox")


def environment(version: Version) -> str:
    return "py%d%d" % version


def with_servers() -> bool:
    """Whether the tests against real servers are to be run."""
    if os.environ.get("SECUREDEFAULTS_REQUIRE_INTEROP") == "1":
        return True
    return sys.platform.startswith("linux") and os.geteuid() == 0 and not install.missing()


def run(command: Sequence[str], names: Sequence[str], found: Dict[Version, str], environ: Dict[str, str]) -> int:
    """Have tox run these environments; the exit status."""
    full = [tox(), *command, "-e", ",".join(names), "--discover", *found.values()]
    return subprocess.run(full, cwd=ROOT, env=environ, check=False).returncode


def result(name: str) -> Optional[Dict[str, int]]:
    """What pytest counted in that environment, or None if it never got there."""
    path = RESULTS / (name + ".xml")
    if not path.exists():
        return None
    suite = ElementTree.parse(path).getroot().find("testsuite")
    assert suite is not None
    counts = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    counts["passed"] = counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
    return counts


def main(arguments: List[str]) -> int:
    """Returns the exit status."""
    found = interpreters()
    required = set(os.environ.get("SECUREDEFAULTS_REQUIRE", "").split())
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    quick = "--quick" in arguments
    servers = not quick and with_servers()
    environ = dict(os.environ, SECUREDEFAULTS_INTEROP=str(int(servers)))
    measured = set() if quick or not set(MEASURED) <= set(found) else set(MEASURED)
    names = FIRST + ["cover-" * (version in measured) + environment(version) for version in found]
    rows = {environment(version): ("%d.%d" % version, path) for version, path in found.items()}
    pypy = shutil.which(PYPY)
    if pypy and works(pypy):
        names.append(PYPY)
        rows[PYPY] = (PYPY, pypy)
    else:
        print("no PyPy here, so its tests are left out: apt-get install pypy3")
    status = run(["run"], names + ["coverage"] * bool(measured), found, environ)
    if not quick and not status:
        # these wait for servers more than they work
        names = ["interop-" + environment(version) for version in found] if servers else []
        names += ["clients"] if (3, 11) in found else []
        names += ["patches-%d.%d" % version for version in found]
        status = run(["run-parallel", "--parallel", "5", "--parallel-no-spinner"], names, found, environ)
    print("\n%-8s %-44s %8s %8s %8s" % ("python", "interpreter", "passed", "skipped", "failed"))
    for name, (title, path) in rows.items():
        counts = result(name)
        if counts is None or not counts["passed"]:
            print("%-8s %-44s did not run" % (title, path))
            status = status or 1
        else:
            failed = counts["failures"] + counts["errors"]
            row = (title, path, counts["passed"], counts["skipped"], failed)
            print("%-8s %-44s %8d %8d %8d" % row)
    for missing in sorted(required - {"%d.%d" % version for version in found}):
        print("%-8s is required and not here" % missing)
        status = status or 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Where things are, what is known of the packages, and how programs are run."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Callable, Dict, Mapping, Optional, Sequence

TREE = Path(__file__).resolve().parent.parent.parent.parent
PACKAGING = TREE / "Doc" / "packaging"
DEBIAN = PACKAGING / "debian"
SPEC = PACKAGING / "python-securedefaults.spec"
AUTOLOAD = Path("backport") / "autoload"
SCAN = Path("backport") / "scan"

#: Everything that is made is below it; git ignores it.
CACHE = TREE / ".cache" / "packaging"

SOURCE = "python-securedefaults"
LIBRARY, LOADER = "python3-securedefaults", "python3-securedefaults-autoload"
SCANNER = "python3-securedefaults-scan"

#: Of hatchling: it need not know all classifiers. A Debian older than Python 3.15 does not know that one.
CLASSIFIERS = "HATCH_METADATA_CLASSIFIERS_NO_VERIFY"

#: Seconds for one program; the slowest, installing the build dependencies, takes a few minutes.
TIMEOUT = 1800

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".cache", ".tox", ".venv", "__pycache__", ".*_cache", "build", "dist", ".coverage*"
)


Environ = Mapping[str, str]
#: Runs a Python in a folder, with these arguments and in addition these variables of the environment.
Python = Callable[[Path, Sequence[str], Environ], str]


class Problem(Exception):
    """What the user is told, without a traceback."""


def run(command: Sequence[str], cwd: Optional[Path] = None, environ: Optional[Environ] = None) -> str:
    """Its output, standard error included; raises Problem with the end of it if it fails."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        raise Problem("%s: there is no such program here" % command[0]) from None
    except subprocess.TimeoutExpired:
        raise Problem("%s: did not end within %d s" % (" ".join(command), TIMEOUT)) from None
    if done.returncode:
        raise Problem("%s: exit status %d\n%s" % (" ".join(command), done.returncode, done.stdout[-6000:]))
    return done.stdout


def version() -> str:
    """Of the package."""
    text = (TREE / "backport" / "securedefaults" / "__init__.py").read_text(encoding="utf-8")
    return str(re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)[0])


def changelog_head() -> Dict[str, str]:
    """The first entry of debian/changelog: its source, version, suite and date."""
    text = (DEBIAN / "changelog").read_text(encoding="utf-8")
    match = re.match(
        r"(?P<source>\S+) \((?P<version>\S+)\) (?P<suite>\S+); .*?\n -- .*?>  (?P<date>[^\n]+)", text, re.S
    )
    if match is None:
        raise Problem("debian/changelog does not begin with an entry")
    return match.groupdict()


def epoch() -> str:
    """SOURCE_DATE_EPOCH of everything that is built: the date of that entry."""
    return str(int(parsedate_to_datetime(changelog_head()["date"]).timestamp()))


def sha256(path: Path) -> str:
    """Of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy_tree(target: Path) -> None:
    """The project's files without what git ignores; from git if it is a checkout, else all that is there."""
    if not (TREE / ".git").exists():
        shutil.copytree(TREE, target, ignore=_LEFT_OUT)
        return
    listed = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], TREE)
    for name in sorted(set(filter(None, listed.split("\0")))):
        if (TREE / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TREE / name, target / name)


def build(python: Python, tree: Path, kind: str, out: Path, timezone: str = "UTC") -> Path:
    """A "sdist" or "wheel" of a tree, without isolation, by the hatchling of that Python; returns the file."""
    out.mkdir(parents=True, exist_ok=True)
    # relative, for the root of that Python may be another one
    command = ["-m", "hatchling", "build", "-t", kind, "-d", os.path.relpath(out, tree)]
    python(tree, command, {"SOURCE_DATE_EPOCH": epoch(), CLASSIFIERS: "1", "TZ": timezone})
    return only(out, "*")


def only(folder: Path, pattern: str) -> Path:
    """The one file there whose name is like that."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise Problem("%s: %d files are like %s, not one" % (folder, len(found), pattern))
    return found[0]

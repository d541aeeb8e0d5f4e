"""The trees of CPython that can be found here: installed interpreters, unpacked sources, git checkouts."""

from __future__ import annotations

import glob
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional, Sequence

from .model import FOLDER, Problem, Version, parse_version

#: Where fetch.py puts what it gets.
CACHE = FOLDER.parent / ".cache"

#: More trees, e.g. git checkouts, like PATH.
VARIABLE = "SECUREDEFAULTS_TREES"

_PY_VERSION = re.compile(r'#define PY_VERSION\s+"(\S+)"')

INSTALLED, SOURCE, GIT = "installed", "source", "git"


class Tree(NamedTuple):
    """One of them.

    Attributes:
        kind: INSTALLED, SOURCE or GIT.
        path: the root of a source tree, or the prefix of an installed interpreter.
        version: (3, 13, 5).
        label: for people, without a path of this machine.
        lib: what "Lib/" is there.
        python: of an installed interpreter.
    """

    kind: str
    path: Path
    version: Version
    label: str
    lib: Path
    python: Optional[Path] = None

    def file(self, name: str) -> Path:
        """Where a file of CPython's tree is here; it need not exist."""
        return self.lib / name[4:] if name.startswith("Lib/") else self.path / name

    def takes(self, name: str) -> bool:
        """Whether a patch may change that file here: an installed interpreter has a Lib, maybe with tests, no more."""
        if self.kind != INSTALLED:
            return True
        if name.startswith("Lib/test/"):
            return (self.lib / "test" / "test_smtplib.py").exists()
        return name.startswith("Lib/")


def head(tree: Tree) -> Optional[str]:
    """The commit and the date of a git checkout; None of any other tree, or if git cannot read it."""
    if tree.kind != GIT:
        return None
    command = ["git", "log", "-1", "--date=short", "--format=%h of %cd", "--abbrev=12"]
    done = subprocess.run(command, cwd=tree.path, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


_ASK = """
import json, os, sys, sysconfig
lib = os.path.dirname(os.__file__)
flags = getattr(sys, "abiflags", "")
# An interpreter that was built and not installed is beside its modules.
built = getattr(sys, "_base_executable", sys.executable) if sysconfig.is_python_build() else None
print(json.dumps([sys.version_info[:3], sys.base_prefix, lib, flags, built]))
"""


def installed(python: Path, *, tests: bool = True) -> Optional[Tree]:
    """The tree of an interpreter, or None if that is none (pyenv's shims need not be) or has no tests.

    Args:
        python: the executable.
        tests: whether it must have them.
    """
    # Not os.path.realpath: a virtual environment's link knows its base, and that is asked for.
    try:
        done = subprocess.run([str(python), "-I", "-c", _ASK], capture_output=True, timeout=60, text=True, check=True)
        version, prefix, lib, flags, built = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    if tests and not os.path.exists(os.path.join(lib, "test", "test_smtplib.py")):
        return None
    if built:
        root = Path(built).parent
        label = "%s, built" % ".".join(map(str, version))
        return Tree(INSTALLED, root, tuple(version), label, Path(lib), Path(built))
    executable = Path(prefix) / "bin" / ("python%d.%d" % tuple(version[:2]) + flags)
    return Tree(INSTALLED, Path(prefix), tuple(version), _label(version, Path(lib)), Path(lib), executable)


def _label(version: Sequence[int], lib: Path) -> str:
    vendor = " (Debian)" if (lib / "EXTERNALLY-MANAGED").exists() else ""  # PEP 668
    return "%s installed%s" % (".".join(map(str, version)), vendor)


def library(lib: Path) -> Tree:
    """The tree of a folder of modules, such as /usr/lib/python3.12, which does not say itself which version it has.

    The interpreter that uses this very folder knows it; where there is none that can be run, build-details.json
    (Python 3.14 and later) and the header of the development package do.

    Raises:
        Problem: nothing says it.
    """
    if (lib.parent / "Include" / "patchlevel.h").exists():
        return unpacked(lib.parent)
    prefix = lib.parent if lib.name == "Lib" else lib.parent.parent
    for python in [*sorted((prefix / "bin").glob("python3*")), prefix / "python.exe", Path(sys.executable)]:
        known = installed(python, tests=False) if python.exists() else None
        if known and known.lib.exists() and known.lib.samefile(lib):
            return known._replace(lib=lib)
    version = _version_beside(lib, prefix)
    if version is None:
        raise Problem("%s: cannot tell which version of Python these modules are of; name its executable" % lib)
    return Tree(INSTALLED, prefix, version, _label(version, lib), lib)


def _version_beside(lib: Path, prefix: Path) -> Optional[Version]:
    """What files beside the modules say."""
    details = lib / "build-details.json"  # PEP 739
    if details.exists():
        about = json.loads(details.read_text(encoding="utf-8"))["implementation"]["version"]
        return (about["major"], about["minor"], about["micro"])
    header = prefix / "include" / lib.name / "patchlevel.h"
    return _header_version(header) if header.exists() else None


def _header_version(header: Path) -> Version:
    return parse_version(_PY_VERSION.findall(header.read_text(encoding="utf-8"))[0])


def unpacked(path: Path) -> Tree:
    """The tree of a source package or a git checkout."""
    header = path / "Include" / "patchlevel.h"
    if not header.exists():
        raise Problem("%s: not a tree of CPython, there is no Include/patchlevel.h; nor a folder of its modules" % path)
    text = _PY_VERSION.findall(header.read_text(encoding="utf-8"))[0]
    kind = GIT if (path / ".git").exists() else SOURCE
    label = "%s %s" % (text, kind)
    changelog = path / "debian" / "changelog"
    if changelog.exists():
        label = "Debian %s" % re.findall(r"\(([^)]+)\)", changelog.read_text(encoding="utf-8"))[0]
    return Tree(kind, path, parse_version(text), label, path / "Lib")


def tree(path: Path, *, tests: bool = True) -> Tree:
    """Of an executable, of a source tree or of an installed folder of modules.

    Args:
        path: of it.
        tests: whether an installed one must have its own tests.
    """
    if not path.exists():
        raise Problem("%s: does not exist" % path)
    if path.is_dir() and (path / "smtplib.py").exists():
        found: Optional[Tree] = library(path)
    elif path.is_dir():
        return unpacked(path)
    else:
        found = installed(path, tests=False)
    if found is None:
        raise Problem("%s: not a Python that can be run" % path)
    if tests and not found.takes("Lib/test/"):
        raise Problem("%s: a Python without its own tests (is there a package -testsuite to install?)" % path)
    return found


def find() -> List[Tree]:
    """Every tree on this machine: of each version the first interpreter on PATH, pyenv's, and in CACHE; the source
    trees in CACHE; what VARIABLE names.
    """
    found: List[Tree] = []
    for python in _pythons():
        candidate = installed(python)
        if candidate and candidate.version >= (3, 8) and candidate.version not in [known.version for known in found]:
            found.append(candidate)
    for header in sorted(CACHE.glob("sources/*/Include/patchlevel.h")):
        found.append(unpacked(header.parent.parent))
    found += [tree(Path(path)) for path in os.environ.get(VARIABLE, "").split(os.pathsep) if path]
    return sorted(found, key=lambda known: (known.version, known.label))


def _pythons() -> Iterator[Path]:
    folders = os.environ.get("PATH", "").split(os.pathsep)
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    folders += sorted(glob.glob(os.path.join(pyenv, "versions", "3.*", "bin")))
    folders += sorted(glob.glob(str(CACHE / "debian*" / "usr" / "bin")))
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "python3.*"))):
            if re.fullmatch(r"python3\.\d+", os.path.basename(path)):
                yield Path(path)

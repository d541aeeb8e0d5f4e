"""The trees of CPython that can be found here: installed interpreters, unpacked sources, git checkouts."""

from __future__ import annotations

import glob
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional

from .model import FOLDER, Problem, Version, parse_version

#: Where fetch.py puts what it gets.
CACHE = FOLDER.parent / ".cache"

#: More trees, e.g. git checkouts, like PATH.
VARIABLE = "SECUREDEFAULTS_TREES"

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


_ASK = "import sys, os, json; print(json.dumps([sys.version_info[:3], sys.base_prefix, os.path.dirname(os.__file__)]))"


def installed(python: Path) -> Optional[Tree]:
    """The tree of an interpreter, or None if that is none (pyenv's shims need not be) or has no tests."""
    # Not os.path.realpath: a virtual environment's link knows its base, and that is asked for.
    try:
        done = subprocess.run([str(python), "-I", "-c", _ASK], capture_output=True, timeout=60, text=True, check=True)
        version, prefix, lib = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    if not os.path.exists(os.path.join(lib, "test", "test_smtplib.py")):
        return None
    text = "%d.%d.%d" % tuple(version)
    executable = Path(prefix) / "bin" / ("python%d.%d" % tuple(version[:2]))
    vendor = " (Debian)" if os.path.exists(os.path.join(lib, "EXTERNALLY-MANAGED")) else ""  # PEP 668
    label = "%s installed%s" % (text, vendor)
    return Tree(INSTALLED, Path(prefix), tuple(version), label, Path(lib), executable)


def unpacked(path: Path) -> Tree:
    """The tree of a source package or a git checkout."""
    header = path / "Include" / "patchlevel.h"
    if not header.exists():
        raise Problem("%s: not a tree of CPython, there is no Include/patchlevel.h" % path)
    text = re.findall(r'#define PY_VERSION\s+"(\S+)"', header.read_text(encoding="utf-8"))[0]
    kind = GIT if (path / ".git").exists() else SOURCE
    label = "%s %s" % (text, kind)
    changelog = path / "debian" / "changelog"
    if changelog.exists():
        label = "Debian %s" % re.findall(r"\(([^)]+)\)", changelog.read_text(encoding="utf-8"))[0]
    return Tree(kind, path, parse_version(text), label, path / "Lib")


def tree(path: Path) -> Tree:
    """Of an executable or of a folder."""
    if not path.exists():
        raise Problem("%s: does not exist" % path)
    if path.is_dir():
        return unpacked(path)
    found = installed(path)
    if found is None:
        raise Problem("%s: not a Python with its own tests (is there a package -testsuite to install?)" % path)
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
    folders += sorted(glob.glob(str(CACHE / "debian" / "usr" / "bin")))
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "python3.*"))):
            if re.fullmatch(r"python3\.\d+", os.path.basename(path)):
                yield Path(path)

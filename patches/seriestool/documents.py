"""`docs`: build CPython's documentation with the series applied, warnings being errors."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import List

from .applying import copy_touched, scratch, with_patch
from .model import STAGES, Branch, Patch, Problem
from .trees import INSTALLED, Tree

#: Seconds for one build; a minute or two is usual.
TIMEOUT = 1800

_LEFT_OUT = shutil.ignore_patterns(".git", ".pc", "debian", "Modules", "PCbuild", "__pycache__")


def build(branch: Branch, tree: Tree, sphinx: str) -> List[str]:
    """What Sphinx complains about, at the end of each stage.

    Args:
        branch: the series.
        tree: a source tree; it is not changed.
        sphinx: `sphinx-build` of an environment with what the tree's Doc/requirements.txt names.
    """
    if tree.kind == INSTALLED:
        raise Problem("%s: has no documents; `docs` needs a source tree" % tree.label)
    if not shutil.which(sphinx):
        raise Problem("%s: there is no such program; see Doc/requirements.txt of the tree" % sphinx)
    complaints = []
    with scratch() as folder:
        copy = folder / "tree"
        shutil.copytree(str(tree.path), str(copy), ignore=_LEFT_OUT, symlinks=True)
        for stage in STAGES:
            patches = branch.select(tree.version, stage=stage)
            copy_touched(tree, patches, copy)
            _remove_new(tree, patches, copy)
            with_patch(copy, patches)
            complaints += _sphinx(copy, sphinx, folder / "doctrees")
    return complaints


def _remove_new(tree: Tree, patches: List[Patch], copy: Path) -> None:
    """Files that an earlier stage made."""
    for name in {name for patch in patches for name in patch.files()}:
        if not tree.file(name).exists() and (copy / name).exists():
            (copy / name).unlink()


def _sphinx(copy: Path, sphinx: str, doctrees: Path) -> List[str]:
    command = [sphinx, "-q", "-W", "--keep-going", "-b", "html", "-j", "2", "-d", str(doctrees), "Doc", "html"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if not done.returncode:
        return []
    said = [line.replace(str(copy) + os.sep, "") for line in done.stderr.splitlines() if line.strip()]
    return said or ["%s: exit status %d" % (sphinx, done.returncode)]

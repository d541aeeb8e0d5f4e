"""`debian`: put a series into a source package of Debian's Python, as a maintainer would."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import List

from .applying import attempt
from .model import DOCS, EVERYWHERE, NEWS, Patch, Problem, branch_of
from .trees import unpacked

#: Below debian/patches; dpkg-source takes names with a folder.
FOLDER = "securedefaults"


def drop(path: Path, *, cut: bool = False) -> List[Patch]:
    """Add the patches to debian/patches and their names to its series; returns them.

    Args:
        path: an unpacked source package, with Debian's own patches applied, as `dpkg-source -x` leaves it.
        cut: only those that warn, not those that verify.

    Raises:
        Problem: it is no such package, has the series already, or code or tests do not apply without fuzz. Documents
            and news that do not are left out.
    """
    tree = unpacked(path)
    series = path / "debian" / "patches" / "series"
    if not series.exists():
        raise Problem("%s: not a source package of Debian, there is no debian/patches/series" % path)
    if re.search(r"^%s/" % FOLDER, series.read_text(encoding="utf-8"), re.MULTILINE):
        raise Problem("%s: has the series already; remove its lines and debian/patches/%s first" % (series, FOLDER))
    branch = branch_of(tree.version)
    roles = EVERYWHERE
    problem = attempt(tree, branch.select(tree.version, roles, cut=cut), "patch")
    if problem:
        raise Problem("%s: does not apply: %s" % (tree.label, problem))
    for role in (DOCS, NEWS):
        if not attempt(tree, branch.select(tree.version, roles | {role}, cut=cut), "patch"):
            roles |= {role}
    chosen = branch.select(tree.version, roles, cut=cut)
    target = series.parent / FOLDER
    shutil.rmtree(str(target), ignore_errors=True)
    target.mkdir()
    for patch in chosen:
        shutil.copyfile(str(patch.path), str(target / patch.path.name))
    text = series.read_text(encoding="utf-8").rstrip("\n")
    lines = ["%s/%s" % (FOLDER, patch.path.name) for patch in chosen]
    series.write_text("\n".join([text, *lines, ""]).lstrip("\n"), encoding="utf-8")
    return chosen

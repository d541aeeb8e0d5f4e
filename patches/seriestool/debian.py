"""`debian`: put a series into a source package of Debian's Python, as a maintainer would."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import List, Sequence

from .applying import fits
from .model import DOCS, EVERYWHERE, VERIFY, Patch, Problem, branch_of
from .needs import missing
from .trees import unpacked

#: Below debian/patches; dpkg-source takes names with a folder.
FOLDER = "securedefaults"


def drop(path: Path, stage: str = VERIFY, without: Sequence[str] = ()) -> List[Patch]:
    """Add the patches to debian/patches and their names to its series; returns them.

    Args:
        path: an unpacked source package, with Debian's own patches applied, as `dpkg-source -x` leaves it.
        stage: take the series up to its end.
        without: slugs of patches to leave out.

    Raises:
        Problem: it is no such package, has the series already, or code or tests do not apply without fuzz. If one of
            the documents does not, all of them are left out: some of them alone would tell of half a change.
    """
    tree = unpacked(path)
    series = path / "debian" / "patches" / "series"
    if not series.exists():
        raise Problem("%s: not a source package of Debian, there is no debian/patches/series" % path)
    if re.search(r"^%s/" % FOLDER, series.read_text(encoding="utf-8"), re.MULTILINE):
        raise Problem("%s: has the series already; remove its lines and debian/patches/%s first" % (series, FOLDER))
    branch = branch_of(tree.version)
    chosen = branch.select(tree.version, EVERYWHERE, stage, without)
    problem = missing(tree, branch, chosen, without) or fits(tree, chosen)
    if problem:
        raise Problem("%s: does not apply: %s" % (tree.label, problem))
    whole = branch.select(tree.version, stage=stage, without=without)
    if fits(tree, whole):
        documents = [patch.path.name for patch in whole if patch.role == DOCS]
        print("left out, for they do not all fit: " + ", ".join(documents), file=sys.stderr)
    else:
        chosen = whole
    target = series.parent / FOLDER
    shutil.rmtree(str(target), ignore_errors=True)
    target.mkdir()
    for patch in chosen:
        shutil.copyfile(str(patch.path), str(target / patch.path.name))
    text = series.read_text(encoding="utf-8").rstrip("\n")
    lines = ["%s/%s" % (FOLDER, patch.path.name) for patch in chosen]
    series.write_text("\n".join([text, *lines, ""]).lstrip("\n"), encoding="utf-8")
    return chosen

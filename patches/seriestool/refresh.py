"""`refresh`: move a series to another tree, and write its mails anew."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import List

from .applying import copy_touched, reexport, with_git_am
from .checks import sha256
from .model import Branch, Patch, Problem
from .trees import Tree


def start(branch: Branch, tree: Tree, work: Path) -> None:
    """Apply the series to a repository of the files that it touches, made from `tree` in `work`.

    Raises:
        Problem: a patch does not apply. Then the repository is left as `git am` left it: mend the files, `git add`
            them, `git am --continue`, and call `finish()`.
    """
    if work.exists():
        raise Problem("%s: exists already; finish what is in it (refresh --continue), or remove it" % work)
    work.mkdir(parents=True)
    patches = branch.patches
    copy_touched(tree, patches, work)
    try:
        with_git_am(work, patches)
    except Problem as exc:
        raise Problem(
            "%s\nmend it in %s, `git am --continue`, then `series.py refresh --continue`" % (exc, work)
        ) from exc


def finish(branch: Branch, work: Path) -> List[Path]:
    """Write the mails of that repository into the branch's folder, in place of the old ones.

    A patch that was left out by `git am --skip`, because the tree has it already, is left out of the series.
    """
    old = {subject(patch.text): patch for patch in branch.patches}
    new = {mail: subject(mail.read_text(encoding="utf-8")) for mail in reexport(work)}
    unknown = [mail.name for mail, found in new.items() if found not in old]
    if unknown:
        raise Problem("%s: %s has a subject that is not in the series" % (work, ", ".join(unknown)))
    for patch in old.values():
        patch.path.unlink()
    patches = []
    for mail, found in new.items():
        path = branch.folder / ("%s-%s.patch" % (mail.name[:4], old[found].slug))
        shutil.move(str(mail), str(path))
        patches.append(old[found]._replace(path=path))
    write_series(branch, patches)
    return [patch.path for patch in patches]


def subject(mail: str) -> str:
    """Which patch it is, whatever became of the rest."""
    found = re.search(r"^Subject: (.*(?:\n .*)*)", mail, re.MULTILINE)
    return found.group(1) if found else ""  # git writes an empty file for a commit without changes


def write_series(branch: Branch, patches: List[Patch]) -> None:
    """The files for quilt."""
    (branch.folder / "series").write_text(branch.series(patches), encoding="utf-8")
    for name, text in branch.series_files().items():
        (branch.folder / name).write_text(text, encoding="utf-8")


def hashes(branch: Branch, tree: Tree) -> str:
    """The table [branches."X.Y".sha256] of series.toml for that tree."""
    names = sorted({name for patch in branch.patches for name in patch.files() if name.startswith("Lib/")})
    known = [(name, sha256(tree, name)) for name in names]
    return "".join('"%s" = "%s"\n' % (name, digest) for name, digest in known if digest)


def is_pending(work: Path) -> bool:
    """Whether `git am` is not through yet."""
    return (work / ".git" / "rebase-apply").exists()

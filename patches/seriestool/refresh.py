"""`refresh`: move a series to another tree, and write its mails anew."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import List

from .applying import copy_touched, git, reexport, with_git_am
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
    """Write the mails of that repository into the branch's folder, in place of the old ones."""
    old = branch.patches
    new = reexport(work)
    if len(new) != len(old):
        raise Problem("%s: has %d commits, the series %d patches" % (work, len(new), len(old)))
    for patch in old:
        patch.path.unlink()
    written = []
    for patch, mail in zip(old, new):
        path = branch.folder / ("%s-%s.patch" % (mail.name[:4], patch.slug))
        shutil.move(str(mail), str(path))
        written.append(path)
    write_series(branch, [patch._replace(path=path) for patch, path in zip(old, written)])
    return written


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
    return (
        "rebase-apply" in git(work, "rev-parse", "--git-path", "rebase-apply")
        and (work / ".git" / "rebase-apply").exists()
    )

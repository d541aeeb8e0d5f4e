"""Apply patches to copies, in every way that people do it, and never with fuzz."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Protocol, Sequence, TypeVar

from .model import Patch, Problem
from .trees import Tree

#: A git that does the same on every machine.
_GIT_ENVIRON = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_COMMITTER_NAME": "series",
    "GIT_COMMITTER_EMAIL": "series@localhost",
    "GIT_AUTHOR_NAME": "series",
    "GIT_AUTHOR_EMAIL": "series@localhost",
    "GIT_TERMINAL_PROMPT": "0",
}

#: How the mails are made; measured to survive `git am --keep-non-patch` byte for byte.
FORMAT = ("-k", "-N", "--zero-commit", "--no-signature", "--full-index", "--stat=79", "--diff-algorithm=histogram")


def run(command: Sequence[str], cwd: Path, stdin: str = "", **environ: str) -> str:
    """Its output; raises Problem with what it said if it fails."""
    done = subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, text=True, check=False, env={**os.environ, **environ}
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise Problem("%s: exit status %d: %s" % (command[0], done.returncode, said or "without a word"))
    return done.stdout


def git(repository: Path, *arguments: str) -> str:
    """Run git there."""
    settings = ["-c", "core.autocrlf=false", "-c", "init.defaultBranch=trunk", "-c", "commit.gpgSign=false"]
    return run(["git", *settings, *arguments], repository, **_GIT_ENVIRON)


class Touching(Protocol):
    """Whatever touches files: a patch, or a pull request."""

    def files(self) -> List[str]:
        """The paths, relative to the root of CPython's tree."""

    def parts(self) -> Dict[str, str]:
        """The diff of each of them."""


def copy_touched(tree: Tree, patches: Sequence[Touching], destination: Path) -> None:
    """Those files that the patches touch, and that are there, laid out as in CPython's repository."""
    for name in sorted({name for patch in patches for name in patch.files() if tree.takes(name)}):
        source = tree.file(name)
        if source.exists():
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, destination / name)


def patch_program(folder: Path, diff: str, *, strip: int, reverse: bool = False, dry_run: bool = False) -> None:
    """`patch`, which takes nothing that does not fit exactly."""
    # --batch assumes -R where the patch seems to be there already; with --force it is refused, as it should be.
    command = ["patch", "-p%d" % strip, "-F0", "--force" if reverse else "--batch", "--silent"]
    command += ["--no-backup-if-mismatch", "--reject-file=-"]
    run([*command, *["-R"] * reverse, *["--dry-run"] * dry_run], folder, diff)


def patch_files(folder: Path, parts: Dict[str, str]) -> None:
    """Patch file by file: the error names the one that does not fit."""
    for name, part in parts.items():
        try:
            patch_program(folder, part, strip=1)
        except Problem as exc:
            raise Problem("%s: %s" % (name, exc)) from exc


def with_patch(folder: Path, patches: Sequence[Patch]) -> None:
    """`patch -p1 -F0` for each."""
    for patch in patches:
        try:
            patch_program(folder, patch.text, strip=1)
        except Problem as exc:
            raise Problem("%s: %s" % (patch.path.name, exc)) from exc


def with_git_apply(folder: Path, patches: Sequence[Patch]) -> None:
    """`git apply` for each."""
    git(folder, "init", "-q")
    for patch in patches:
        git(folder, "apply", "--whitespace=error-all", str(patch.path))


def with_git_am(folder: Path, patches: Sequence[Patch]) -> None:
    """`git am --keep-non-patch`, all at once."""
    git(folder, "init", "-q")
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "--allow-empty", "-m", "base")
    git(folder, "tag", "series-base")
    git(folder, "am", "-q", "--keep-non-patch", *[str(patch.path) for patch in patches])


def with_quilt(folder: Path, patches: Sequence[Patch]) -> None:
    """`quilt push -a --fuzz=0`."""
    queue = folder / "patches"
    queue.mkdir()
    for patch in patches:
        shutil.copy(patch.path, queue)
    (queue / "series").write_text("".join(patch.path.name + "\n" for patch in patches), encoding="utf-8")
    run(["quilt", "--quiltrc=-", "push", "-a", "-q", "--fuzz=0"], folder, QUILT_PATCHES="patches")


WAYS: Dict[str, Callable[[Path, Sequence[Patch]], None]] = {
    "patch": with_patch,
    "git apply": with_git_apply,
    "git am": with_git_am,
    "quilt": with_quilt,
}


def available() -> List[str]:
    """The names of WAYS whose program is here; patch and git must be."""
    return [way for way in WAYS if way != "quilt" or shutil.which("quilt")]


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="series-") as folder:
        yield Path(folder)


def fit(folder: Path, tree: Tree, patches: Sequence[Patch], *, tests: bool = True) -> None:
    """Copy the files into the folder and patch them there: of each patch what the tree takes.

    Args:
        folder: an empty one.
        tree: it is not changed.
        patches: in order.
        tests: whether Lib/test is wanted: with the code alone there are no files of tests to change.
    """
    copy_touched(tree, patches, folder)
    for patch in patches:
        try:
            patch_files(folder, _taken(tree, patch, tests))
        except Problem as exc:
            raise Problem("%s: %s" % (patch.path.name, exc)) from exc


def present(tree: Tree, patches: Sequence[Patch], *, tests: bool = True) -> List[Patch]:
    """Those that the tree has already, found by taking them back on a copy, the last first."""
    with scratch() as folder:
        copy_touched(tree, patches, folder)
        return take_back(folder, patches, lambda patch: "".join(_taken(tree, patch, tests).values()))


_Changing = TypeVar("_Changing")


def take_back(folder: Path, changes: Sequence[_Changing], diff: Callable[[_Changing], str]) -> List[_Changing]:
    """Take those away that are there, the last first; returns them. What has no diff cannot be told to be there."""
    found: List[_Changing] = []
    for change in reversed(changes):
        text = diff(change)
        if text and _is_there(folder, text):
            patch_program(folder, text, strip=1, reverse=True)
            found.insert(0, change)
    return found


def _is_there(folder: Path, diff: str) -> bool:
    """Whether it can be taken back there."""
    try:
        patch_program(folder, diff, strip=1, reverse=True, dry_run=True)
    except Problem:
        return False
    return True


def _taken(tree: Tree, patch: Patch, tests: bool) -> Dict[str, str]:
    parts = {name: part for name, part in patch.parts().items() if tree.takes(name)}
    return {name: part for name, part in parts.items() if tests or not name.startswith("Lib/test/")}


def fits(tree: Tree, patches: Sequence[Patch]) -> Optional[str]:
    """Why they do not, one after the other, or None."""
    with scratch() as folder:
        try:
            fit(folder, tree, patches)
        except Problem as exc:
            return str(exc)
    return None


def attempt(tree: Tree, patches: Sequence[Patch], way: str) -> Optional[str]:
    """Why that way does not work on a copy of the tree, or None."""
    with scratch() as folder:
        copy_touched(tree, patches, folder)
        try:
            WAYS[way](folder, patches)
        except Problem as exc:
            return str(exc)
    return None


def reexport(folder: Path) -> List[Path]:
    """The mails of a repository that `with_git_am` made, written anew."""
    out = folder / ".exported"
    names = git(folder, "format-patch", *FORMAT, "-o", str(out), "series-base").split()
    return [Path(name) for name in names]

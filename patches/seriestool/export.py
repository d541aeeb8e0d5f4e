"""`export`: what the consumers want who do not take the folder as it is."""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import os
import re
import tarfile
from pathlib import Path
from typing import Iterator, List, Optional, Sequence, Tuple

from .applying import copy_touched, git, patch_program, run, scratch
from .model import (
    DOCS,
    EVERYWHERE,
    FIXES,
    FOLDER,
    STAGES,
    VERIFY,
    Branch,
    Patch,
    Problem,
    branch_of,
    load,
    parse_version,
)
from .refresh import subject
from .trees import Tree


def export(out: Path, stage: str = VERIFY) -> List[Path]:
    """Write everything below `out`; returns the files.

    There is a set for the base of each branch, X.Y, and for each micro version that has a series file of its own,
    X.Y.Z, which fits from there on; and of each one for every stage up to `stage`: X.Y-fixes, X.Y-warn, X.Y.

    - combined/NAME.patch: code and tests in one file, as `pyenv install --patch` takes it; NAME-docs.patch: the
      documents
    - p0/NAME/: code and tests for `patch -p0`, as FreeBSD's ports want them
    - spec/NAME.inc: lines for a spec file of Fedora, with git's patch-ids, and of openSUSE
    - securedefaults-patches.tar.gz: the folder itself; SHA256SUMS: of it all
    """
    written = []
    for branch in load().values():
        for kit in kits(branch, stage):
            written += kit.write(out)
    written.append(tarball(out / "securedefaults-patches.tar.gz"))
    sums = "".join("%s  %s\n" % (_sha256(path), path.relative_to(out)) for path in sorted(written))
    written.append(_write(out / "SHA256SUMS", sums))
    return written


class Kit:
    """One of the sets: the patches of a branch for trees from some version on, up to the end of a stage."""

    def __init__(self, branch: Branch, since: Optional[str], stage: str) -> None:
        self.branch = branch
        self.since = since
        self.stage = stage
        version = parse_version(since) if since else None
        self.patches = branch.select(version, EVERYWHERE, stage)
        self.documents = branch.select(version, frozenset((DOCS,)), stage)

    @property
    def name(self) -> str:
        """Of its files."""
        return (self.since or self.branch.name) + ("" if self.stage == VERIFY else "-" + self.stage)

    def combined(self, out: Path) -> Path:
        """Its code and tests."""
        return out / "combined" / (self.name + ".patch")

    def write(self, out: Path) -> List[Path]:
        """All its files."""
        written = [_write(self.combined(out), _join(self.patches))]
        if self.documents:
            written.append(_write(out / "combined" / (self.name + "-docs.patch"), _join(self.documents)))
        for patch in self.patches:
            written.append(_write(out / "p0" / self.name / patch.path.name, without_prefix(patch.text)))
        return [*written, _write(out / "spec" / (self.name + ".inc"), spec(self.patches))]

    def problem(self, out: Path, tree: Tree) -> Optional[str]:
        """Why the files that it wrote do not do the same to that tree as the mails, or None."""
        strips = {1: [self.combined(out)], 0: [out / "p0" / self.name / patch.path.name for patch in self.patches]}
        results = []
        for strip, files in strips.items():
            with scratch() as folder:
                copy_touched(tree, self.patches, folder)
                for file in files:
                    try:
                        patch_program(folder, file.read_text(encoding="utf-8"), strip=strip)
                    except Problem as exc:
                        return "%s: %s" % (file.relative_to(out), exc)
                results.append({path.relative_to(folder): _sha256(path) for path in _files(folder)})
        return None if results[0] == results[1] else "combined/%s.patch and p0/%s differ" % (self.name, self.name)


def kits(branch: Branch, stage: str = VERIFY) -> List[Kit]:
    """For each series file and stage."""
    sinces: List[Optional[str]] = [None, *sorted(set(branch.upstream.values()), key=parse_version)]
    return [Kit(branch, since, each) for since in sinces for each in STAGES[: STAGES.index(stage) + 1]]


def trial(out: Path, trees: Sequence[Tree], stage: str = VERIFY) -> Iterator[Tuple[Kit, Optional[Tree], Optional[str]]]:
    """For each set the newest of the trees that it is for, if there is one, and why it does not fit there."""
    for branch in load().values():
        sinces = [parse_version(since) for since in branch.upstream.values()]
        for kit in kits(branch, stage):
            first = parse_version(kit.since) if kit.since else (0,)
            later = [since for since in sinces if since > first]
            fitting = [
                known
                for known in trees
                if branch_of(known.version).name == branch.name
                and known.version >= first
                and not any(known.version >= since for since in later)
            ]
            newest = max(fitting, key=lambda known: (known.version, known.label), default=None)
            yield kit, newest, kit.problem(out, newest) if newest else None


def _files(folder: Path) -> List[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _join(patches: Sequence[Patch]) -> str:
    return "".join(patch.text for patch in patches)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def without_prefix(text: str) -> str:
    """The same diff without a/ and b/."""
    text = re.sub(r"^diff --git a/(\S+) b/(\S+)$", r"diff --git \1 \2", text, flags=re.MULTILINE)
    return re.sub(r"^(---|\+\+\+) [ab]/", r"\1 ", text, flags=re.MULTILINE)


def spec(patches: Sequence[Patch]) -> str:
    """The lines for spec files."""
    lines = []
    for patch in patches:
        lines += [
            "# %s" % subject(patch.text).replace("\n", ""),
            "# git patch-id: %s" % _patch_id(patch.text),
            "# %s %s gh#python/cpython#%s" % (_kind(patch), patch.path.name, patch.issue),
            "Patch: %s" % patch.path.name,
            "",
        ]
    return "\n".join(lines)


def _kind(patch: Patch) -> str:
    """What openSUSE calls it."""
    return "PATCH-FIX-UPSTREAM" if patch.stage == FIXES else "PATCH-FEATURE-UPSTREAM"


@functools.lru_cache(maxsize=None)
def _patch_id(text: str) -> str:
    return run(["git", "patch-id", "--stable"], FOLDER, text).split()[0]


def tarball(path: Path) -> Path:
    """The folder, the same bytes every time."""
    stamp = int(os.environ.get("SOURCE_DATE_EPOCH") or git(FOLDER, "log", "-1", "--format=%ct", "--", ".").strip() or 0)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, file in _members():
            info = archive.gettarinfo(str(file), "securedefaults-patches/" + name)
            info.mtime, info.uid, info.gid, info.uname, info.gname = stamp, 0, 0, "", ""
            info.mode = 0o755 if os.access(str(file), os.X_OK) else 0o644
            with file.open("rb") as content:
                archive.addfile(info, content)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=stamp) as compressed:
        compressed.write(buffer.getvalue())
    return path


def _members() -> Iterator[Tuple[str, Path]]:
    for file in sorted(FOLDER.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            yield str(file.relative_to(FOLDER)), file

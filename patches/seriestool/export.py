"""`export`: what the consumers want who do not take the folder as it is."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tarfile
from pathlib import Path
from typing import Iterator, List, Sequence, Tuple

from .applying import git, run
from .model import EVERYWHERE, FOLDER, Branch, Patch, load
from .refresh import subject


def export(out: Path) -> List[Path]:
    """Write everything below `out`; returns the files.

    - combined/X.Y.patch: the whole series in one file; -code-tests: without documents and news, and what
      `pyenv install --patch` takes; -warn: up to the cut
    - p0/X.Y/: for `patch -p0`, as FreeBSD's ports want it
    - spec/X.Y.inc: lines for a spec file of Fedora, with git's patch-ids, and of openSUSE
    - securedefaults-patches.tar.gz: the folder itself; SHA256SUMS: of it all
    """
    written = []
    for branch in load().values():
        patches = branch.patches
        everywhere = [patch for patch in patches if patch.role in EVERYWHERE]
        combined = {
            "": patches,
            "-code-tests": everywhere,
            "-warn-code-tests": [patch for patch in everywhere if not patch.after_cut],
        }
        for suffix, chosen in combined.items():
            written.append(_write(out / "combined" / (branch.name + suffix + ".patch"), _join(chosen)))
        for patch in patches:
            written.append(_write(out / "p0" / branch.name / patch.path.name, without_prefix(patch.text)))
        written.append(_write(out / "spec" / (branch.name + ".inc"), spec(branch)))
    written.append(tarball(out / "securedefaults-patches.tar.gz"))
    sums = "".join("%s  %s\n" % (_sha256(path), path.relative_to(out)) for path in sorted(written))
    written.append(_write(out / "SHA256SUMS", sums))
    return written


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


def spec(branch: Branch) -> str:
    """The lines for spec files."""
    lines = []
    for patch in branch.patches:
        if patch.role not in EVERYWHERE:
            continue
        patch_id = run(["git", "patch-id", "--stable"], patch.path.parent, patch.text).split()[0]
        lines += [
            "# %s" % subject(patch.text).replace("\n", ""),
            "# git patch-id: %s" % patch_id,
            "# PATCH-FEATURE-UPSTREAM %s gh#python/cpython#91826" % patch.path.name,
            "Patch: %s" % patch.path.name,
            "",
        ]
    return "\n".join(lines)


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

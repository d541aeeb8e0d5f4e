"""What a release is made of. `python tests/release` is the command."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Dict, List

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = ("securedefaults", "securedefaults_autoload", "securedefaults_scan")


class NotReady(Exception):
    """Why there can be no release."""


def run(*command: object, cwd: Path, environ: Dict[str, str]) -> None:
    """Run it quietly.

    Raises:
        NotReady: it fails; with its output.
    """
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotReady("%s failed:\n%s" % (" ".join(map(str, command)), done.stdout))


def git(*arguments: str) -> str:
    """What it prints."""
    return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def version_of(tree: Path) -> str:
    """The one version of everything.

    Raises:
        NotReady: there are several.
    """
    found = {}
    for name, pattern in (
        ("backport/securedefaults/__init__.py", r'^__version__ = "(.+)"'),
        ("backport/autoload/pyproject.toml", r'^version = "(.+)"'),
        ("backport/scan/pyproject.toml", r'^version = "(.+)"'),
    ):
        match = re.search(pattern, (tree / name).read_text(encoding="utf-8"), re.M)
        found[name] = match.group(1) if match else "none"
    if len(set(found.values())) > 1:
        raise NotReady("not the same version everywhere: " + ", ".join("%s in %s" % (v, k) for k, v in found.items()))
    return next(iter(found.values()))


def changes(changelog: str, version: str, *, rehearse: bool = False) -> str:
    """The section of that version.

    Raises:
        NotReady: it is not there, has no date, or is empty.
    """
    heading = r"\[%s\] - \d{4}-\d\d-\d\d" % re.escape(version)
    if rehearse:
        heading += r"|\[Unreleased\]"
    match = re.search(r"^## (?:%s)\n(.*?)(?=^## |\Z)" % heading, changelog, re.M | re.S)
    if match is None:
        raise NotReady("CHANGELOG.md has no section `## [%s] - YYYY-MM-DD`" % version)
    if not re.search(r"^- ", match.group(1), re.M):
        raise NotReady("the section of %s in CHANGELOG.md says nothing" % version)
    return match.group(1).strip()


def export(tree: Path) -> None:
    """The files of the commit."""
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    tree.mkdir()
    subprocess.run(["tar", "-x"], cwd=tree, input=archive, check=True)


def build(tree: Path, out: Path, environ: Dict[str, str], version: str) -> None:
    """All files of the release, from `tree` into `out`."""
    for folder in (tree, tree / "backport" / "autoload", tree / "backport" / "scan"):
        # without arguments it makes the sdist, and the wheel out of that: so the sdist has all that is needed
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, folder, cwd=tree, environ=environ)
    patches = out.parent / "patches"
    run(sys.executable, "patches/series.py", "export", patches, cwd=tree, environ=environ)
    shutil.copy(patches / "securedefaults-patches.tar.gz", out / ("securedefaults-patches-%s.tar.gz" % version))


def check(out: Path, version: str) -> None:
    """Whether each file is there and holds what it has to.

    Raises:
        NotReady: not so.
    """
    expected = {"%s-%s%s" % (name, version, end) for name in NAMES for end in (".tar.gz", "-py3-none-any.whl")}
    expected.add("securedefaults-patches-%s.tar.gz" % version)
    found = {path.name for path in out.iterdir()}
    if found != expected:
        raise NotReady("built %s and not %s" % (", ".join(sorted(found)), ", ".join(sorted(expected))))
    wheel = set(zipfile.ZipFile(out / ("securedefaults-%s-py3-none-any.whl" % version)).namelist())
    with tarfile.open(out / ("securedefaults-%s.tar.gz" % version)) as sdist:
        source = {name.partition("/")[2] for name in sdist.getnames()}
    missing = [name for name in ("securedefaults/py.typed", "securedefaults/cli/check.py") if name not in wheel]
    missing += [
        name for name in ("README.md", "LICENSE", "CHANGELOG.md", "tox.ini", "Doc/conf.py") if name not in source
    ]
    if missing:
        raise NotReady("the archives lack %s" % ", ".join(missing))


def sums(out: Path) -> str:
    """As `sha256sum -c` reads them."""
    lines = [(hashlib.sha256(path.read_bytes()).hexdigest(), path.name) for path in sorted(out.iterdir())]
    return "".join("%s  %s\n" % line for line in lines)


def release(out: Path, *, rehearse: bool) -> str:
    """Returns the checksums of what is in `out` then.

    Raises:
        NotReady: why there is nothing.
    """
    if not rehearse and git("status", "--porcelain"):
        raise NotReady("there are changes that are not committed")
    if out.exists() and any(out.iterdir()):
        raise NotReady("%s is not empty" % out)
    epoch = git("log", "-1", "--format=%ct")
    texts: List[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place, zone in (("one", "UTC"), ("another", "Asia/Kolkata")):
            tree = folder / place / "tree"
            tree.parent.mkdir()
            export(tree)
            version = version_of(tree)
            changes((tree / "CHANGELOG.md").read_text(encoding="utf-8"), version, rehearse=rehearse)
            build(tree, tree.parent / "dist", {"SOURCE_DATE_EPOCH": epoch, "TZ": zone}, version)
            texts.append(sums(tree.parent / "dist"))
        if texts[0] != texts[1]:
            raise NotReady("two builds of the same commit differ:\n%s\n%s" % (texts[0], texts[1]))
        check(folder / "one" / "dist", version)
        shutil.copytree(folder / "one" / "dist", out, dirs_exist_ok=True)
    (out / "SHA256SUMS").write_text(texts[0], encoding="utf-8")
    return texts[0]

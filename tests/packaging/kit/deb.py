"""The source package and the three binary packages, twice, checked by lintian."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Dict, List, Sequence

from . import distributions
from .base import CACHE, DEBIAN, SOURCE, Environ, only, sha256, version
from .roots import BUILDER, Root, build_root, give

OUT = CACHE / "deb"


def sdist(root: Root, result: Dict[str, Any]) -> Path:
    """Build the distributions twice in there, by the hatchling of that Debian; returns the sdist."""

    def python(folder: Path, arguments: Sequence[str], environ: Environ) -> str:
        return root.run("python3", *arguments, cwd=root.inner(folder), environ=environ)

    files = distributions.build_twice(python, root.path / "build" / "python")
    result["distributions"] = {name: sha256(path) for name, path in sorted(files.items())}
    return next(path for name, path in files.items() if name.endswith(".tar.gz"))


def build(result: Dict[str, Any]) -> List[Path]:
    """Fill OUT; returns the three .debs."""
    root = build_root()
    original = sdist(root, result)
    trees = []
    for number in (1, 2):
        folder = root.path / "build" / ("deb%d" % number)
        trees.append(_source(original, folder))
    give(root, "build")
    _dpkg(root, trees[0], "", "UTC")
    # That the tests pass is known now.
    _dpkg(root, trees[1], "nocheck", distributions.FAR)
    made = sorted(trees[0].parent.glob("*.deb"))
    distributions.require_same([(path, trees[1].parent / path.name) for path in made])
    result["debs"] = {path.name: sha256(path) for path in made}
    result["lintian"] = _lintian(root, trees[0].parent)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for path in [*trees[0].parent.iterdir()]:
        if path.is_file():
            shutil.copyfile(path, OUT / path.name)
    result["versions"].update(
        {name: root.version(name) for name in ("dpkg-dev", "debhelper", "dh-python", "lintian", "python3-hatchling")}
    )
    return sorted(OUT.glob("*.deb"))


def _source(original: Path, folder: Path) -> Path:
    """What `dpkg-buildpackage` is started in: the unpacked sdist with the folder debian, the tarball beside it."""
    tree = distributions.unpack(original, folder)
    shutil.copyfile(original, folder / ("%s_%s.orig.tar.gz" % (SOURCE, version())))
    shutil.copytree(DEBIAN, tree / "debian")
    return tree


def _dpkg(root: Root, tree: Path, options: str, timezone: str) -> None:
    """The source and the binary packages, by an ordinary user who has no network."""
    environ = {"DEB_BUILD_OPTIONS": ("parallel=1 " + options).strip(), "TZ": timezone}
    log = root.run("dpkg-buildpackage", "-us", "-uc", cwd=root.inner(tree), user=BUILDER, environ=environ)
    (CACHE / "logs").mkdir(parents=True, exist_ok=True)
    (CACHE / "logs" / (tree.parent.name + ".log")).write_text(log, encoding="utf-8")


def _lintian(root: Root, folder: Path) -> str:
    """What it says of all packages; raises Problem for an error or a warning."""
    changes = only(folder, "*.changes")
    said = root.run(
        "lintian", "--fail-on", "error,warning", "--display-info", "--no-cfg", changes.name,
        cwd=root.inner(folder), user=BUILDER,
    )  # fmt: skip
    return said.strip()

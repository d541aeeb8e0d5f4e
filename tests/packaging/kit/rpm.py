"""The source package and the three binary packages for RPM, twice."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Dict, List, Sequence

from . import deb
from .base import CACHE, SPEC, epoch, only, sha256
from .distributions import FAR, require_same
from .roots import BUILDER, Root, build_root, give

OUT = CACHE / "rpm"

#: So that two builds are the same: no name of the machine, and no time but that of the changelog.
REPRODUCIBLE = {
    "_buildhost": "localhost",
    "use_source_date_epoch_as_buildtime": "1",
    "clamp_mtime_to_source_date_epoch": "1",
    "source_date_epoch_from_changelog": "1",
}


def build(result: Dict[str, Any]) -> List[Path]:
    """Fill OUT; returns the three binary packages."""
    root = build_root()
    original = deb.sdist(root, result)
    tops = [_build(root, original, "1", ["-ba"], "UTC"), _build(root, original, "2", ["-ba", "--nocheck"], FAR)]
    made = [*sorted(tops[0].glob("RPMS/noarch/*.rpm")), only(tops[0], "SRPMS/*.src.rpm")]
    require_same([(path, tops[1] / path.relative_to(tops[0])) for path in made])
    result["rpms"] = {path.name: sha256(path) for path in made}
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for path in made:
        shutil.copyfile(path, OUT / path.name)
    result["versions"]["rpm"] = root.version("rpm")
    return sorted(OUT.glob("*.noarch.rpm"))


def _build(root: Root, original: Path, name: str, arguments: Sequence[str], timezone: str) -> Path:
    """Returns where the result is. Always built in the same place: the source package has the path in it."""
    top = root.path / "build" / "rpm" / "rpmbuild"
    for source, folder in ((original, "SOURCES"), (SPEC, "SPECS")):
        (top / folder).mkdir(parents=True)
        shutil.copyfile(source, top / folder / source.name)
        # of files in a source package nothing else sets it
        os.utime(top / folder / source.name, (int(epoch()), int(epoch())))
    give(root, "build")
    rpmbuild(root, top, arguments, timezone)
    return top.rename(top.with_name(name))


def rpmbuild(root: Root, top: Path, arguments: Sequence[str], timezone: str = "UTC") -> None:
    """An ordinary user builds the one spec file in SPECS, without network.

    Without the check of BuildRequires: rpm's database is empty on a Debian, and its packages have other names.
    """
    spec = only(top / "SPECS", "*.spec")
    defines = {"_topdir": root.inner(top), "_tmppath": "/tmp", **REPRODUCIBLE}
    options = [part for name, value in defines.items() for part in ("--define", "%s %s" % (name, value))]
    log = root.run(
        "rpmbuild", "--nodeps", *options, *arguments, root.inner(spec), user=BUILDER, environ={"TZ": timezone}
    )
    (CACHE / "logs").mkdir(parents=True, exist_ok=True)
    (CACHE / "logs" / (spec.stem + top.parent.name + ".log")).write_text(log, encoding="utf-8")

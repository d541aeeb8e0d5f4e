"""The patch series in the source packages of Debian's own Pythons: built, unpacked again, compared."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set

from .base import PACKAGING, TREE, Problem, changelog_head, only, run
from .roots import scratch

SERIES = [sys.executable, str(TREE / "patches" / "series.py")]
NEWS = PACKAGING / "cpython" / "NEWS.Debian"

#: Where patches/fetch.py puts them; by suite.
FETCHED = TREE / ".cache" / "apt" / "deb-src"
SUITES = ("bookworm", "trixie", "forky")


def check(result: Dict[str, Any]) -> None:
    """For each suite. Raises Problem if a source package cannot be had, or is not what it has to be."""
    if not all(list(FETCHED.glob(suite + "-*/*.dsc")) for suite in SUITES):
        print(run([sys.executable, str(TREE / "patches" / "fetch.py"), "sources"]))
    for suite in SUITES:
        with scratch() as folder:
            result.setdefault("sources", {})[suite] = _check(only(FETCHED, suite + "-*/*.dsc"), folder)
    result["versions"]["dpkg-source"] = run(["dpkg-source", "--version"]).split()[3].rstrip(".")


def _check(dsc: Path, folder: Path) -> Dict[str, Any]:
    original, tree, again = folder / "original", folder / "tree", folder / "again"
    run(["dpkg-source", "--no-check", "-x", str(dsc), str(original)], folder)
    run(["dpkg-source", "--no-check", "-x", str(dsc), str(tree)], folder)
    for path in dsc.parent.glob("*.orig.tar.*"):
        shutil.copyfile(path, folder / path.name)
    names = [line.rpartition("/")[2] for line in run([*SERIES, "debian", str(tree)]).split()]
    head = announce(tree)
    run(["dpkg-source", "-b", tree.name], folder)
    run(["dpkg-source", "--no-check", "-x", str(only(folder, "*.dsc")), str(again)], folder)
    expected = folder / "expected"
    # patch does not write into files, it replaces them
    shutil.copytree(original, expected, symlinks=True, copy_function=os.link)
    for name in names:
        run(["patch", "-p1", "-F0", "--batch", "-s", "--no-backup-if-mismatch", "-i", str(_mail(tree, name))], expected)
    wrong = sorted(differences(expected, again))
    if wrong:
        raise Problem("%s: unpacked again it differs: %s" % (dsc.name, ", ".join(wrong[:10])))
    changed, named = set(differences(original, again)), touched(tree, names)
    # What the first half adds to a document or to the news, the second may take away again.
    wrong = sorted(changed - named | {name for name in named - changed if name.startswith("Lib/")})
    if wrong:
        raise Problem(
            "%s: not just the files of the patches differ, or not all: %s" % (dsc.name, ", ".join(wrong[:10]))
        )
    news = (again / "debian" / "NEWS").read_text(encoding="utf-8")
    return {"package": head, "patches": len(names), "files": len(changed), "NEWS": news.count("\n -- ")}


def announce(tree: Path) -> str:
    """A new entry in debian/changelog, and debian/NEWS, as a maintainer would write them; returns the version."""
    changelog = tree / "debian" / "changelog"
    old = changelog.read_text(encoding="utf-8")
    source, version, suite = re.match(r"(\S+) \((\S+)\) ([^\s;]+);", old).groups()  # type: ignore[union-attr]
    version += "+securedefaults1"
    signature = " -- The securedefaults authors <packaging@securedefaults.example>  %s\n" % changelog_head()["date"]
    entry = "%s (%s) %s; urgency=medium\n\n" % (source, version, suite)
    text = "  * Verify TLS certificates by default in mail, FTP and news clients\n    (gh-91826).\n\n"
    changelog.write_text(entry + text + signature + "\n" + old, encoding="utf-8")
    news = tree / "debian" / "NEWS"
    before = "\n" + news.read_text(encoding="utf-8") if news.exists() else ""
    news.write_text(entry + NEWS.read_text(encoding="utf-8") + "\n" + signature + before, encoding="utf-8")
    return "%s %s" % (source, version)


def _mail(tree: Path, name: str) -> Path:
    return tree / "debian" / "patches" / "securedefaults" / name


def touched(tree: Path, names: List[str]) -> Set[str]:
    """The files that the patches name."""
    found: Set[str] = set()
    for name in names:
        found.update(re.findall(r"^diff --git a/(\S+) b/\S+$", _mail(tree, name).read_text(encoding="utf-8"), re.M))
    return found


def differences(one: Path, other: Path) -> Iterator[str]:
    """The names of files that differ, or are in one tree only; but for dpkg-source's own in debian and .pc."""
    mine, yours = _files(one), _files(other)
    yield from mine ^ yours
    for name in mine & yours:
        links = [(tree / name).is_symlink() for tree in (one, other)]
        same = all(links) or (not any(links) and filecmp.cmp(one / name, other / name, shallow=False))
        if not same:
            yield name


def _files(tree: Path) -> Set[str]:
    names = (str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_symlink() or not path.is_dir())
    return {name for name in names if not name.startswith(("debian/", ".pc/"))}

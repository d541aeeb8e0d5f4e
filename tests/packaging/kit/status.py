"""Doc/packaging/STATUS.md: what a full run has found."""

from __future__ import annotations

import contextlib
import datetime
import json
from pathlib import Path
from typing import Any, Dict, Iterator, Mapping, Sequence

from .base import CACHE, PACKAGING
from .roots import BUILD_SUITE

PATH = PACKAGING / "STATUS.md"

HEAD = """\
# What was measured

Written by `python3 tests/packaging --record`, which repeats all of it; do not edit it.

"""

LIMITS = """
## What this does not say

- The RPMs were built and installed on Debian, with Debian's rpm: no Fedora can be had here. `rpmbuild` had `--nodeps`,
  for the database is empty there; `rpm --install` had not, but a package that provides `python3`, `python(abi)` and
  `ca-certificates` stood in for what dpkg had installed. The branches of the spec file for Fedora's macros
  (`%pyproject_wheel` and so on) have not run.
- The interpreters of the source packages were not compiled; the patches were tested on interpreters that are
  (patches/STATUS.md).
"""


def keep(name: str, result: Dict[str, Any]) -> None:
    """What a command has found, for `write`."""
    result["date"] = datetime.date.today().isoformat()
    _path(name).parent.mkdir(parents=True, exist_ok=True)
    _path(name).write_text(json.dumps(result), encoding="utf-8")


def forget(name: str) -> None:
    """It runs anew."""
    with contextlib.suppress(FileNotFoundError):
        _path(name).unlink()


def _path(name: str) -> Path:
    return CACHE / "results" / (name + ".json")


def write(names: Sequence[str]) -> Sequence[str]:
    """The file, from the results of these commands; returns those that have none, which it says too."""
    missing = [name for name in names if not _path(name).exists()]
    results = {name: json.loads(_path(name).read_text(encoding="utf-8")) for name in names if name not in missing}
    gaps = "**Not run, or failed:** %s.\n\n" % ", ".join("`%s`" % name for name in missing) if missing else ""
    PATH.write_text(HEAD + gaps + table(results) + LIMITS, encoding="utf-8")
    return missing


def table(results: Mapping[str, Dict[str, Any]]) -> str:
    """What commands have found, for people."""
    merged: Dict[str, Any] = {"versions": {}, "dates": {}, "notes": []}
    for name, result in results.items():
        merged["dates"][name] = result["date"]
        merged["versions"].update(result["versions"])
        merged["notes"] += result.get("notes", [])
        merged.update({key: value for key, value in result.items() if key not in ("versions", "date", "notes")})
    return "\n".join(_lines(merged)) + "\n"


def _lines(result: Dict[str, Any]) -> Iterator[str]:
    dates = ", ".join("`%s` %s" % pair for pair in result["dates"].items())
    yield "Passed, in roots of Debian %s: %s." % (BUILD_SUITE, dates)
    yield ""
    for note in result["notes"]:
        yield from (note, "")
    for key, about in (
        ("distributions", "Source distribution and wheels: two builds, the second wheels from the sdist, same bytes"),
        ("debs", "Binary packages of Debian: two builds, same bytes"),
        ("rpms", "Packages for RPM: two builds, same bytes"),
    ):
        if key in result:
            yield from ("## " + about, "", "| file | sha256 |", "|---|---|")
            yield from ("| %s | %s |" % (name, _digest(name, digest)) for name, digest in result[key].items())
            yield ""
    if "lintian" in result:
        yield "lintian, with `--fail-on error,warning --display-info`, which says no more than:"
        yield from ("", "```", *(result["lintian"].splitlines() or ["nothing"]), "```", "")
    if "roots" in result:
        yield from ("## Installed on clean roots", "")
        columns = list(next(iter(result["roots"].values())))
        yield "| root | %s |" % " | ".join(columns)
        yield "|---" * (len(columns) + 1) + "|"
        for root, seen in result["roots"].items():
            yield "| %s | %s |" % (root, " | ".join(seen[column] for column in columns))
        yield ""
    if "autopkgtest" in result:
        yield from ("## autopkgtest", "", "| test | result |", "|---|---|")
        yield from ("| %s | %s |" % pair for pair in result["autopkgtest"].items())
        yield ""
    if "sources" in result:
        yield "## The series in Debian's source packages: `dpkg-source -b`, unpacked again, compared"
        yield ""
        yield "| suite | package | patches | files changed | entries in debian/NEWS |"
        yield "|---|---|---|---|---|"
        for suite, seen in result["sources"].items():
            yield "| %s | %s | %d | %d | %d |" % (suite, *seen.values())
        yield ""
    yield from ("## Tools", "", "| tool | version |", "|---|---|")
    yield from ("| %s | %s |" % pair for pair in sorted(result["versions"].items()))


def _digest(name: str, digest: str) -> str:
    # it would have to contain its own
    return "the same; it contains this file" if name.endswith((".tar.gz", ".src.rpm")) else "`%s`" % digest

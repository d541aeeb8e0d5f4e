"""The packages from PyPI that were read by hand, see ../packages.toml: download them, and what was found in them."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple

from .cases import ANY, DEFINITE, POSSIBLE, Site
from .tools import CACHE

LIST = Path(__file__).resolve().parent.parent / "packages.toml"
FOLDER = CACHE / "packages"

#: whole trees, for the clock
TREES = ("django==6.1.3", "ansible==14.5.0")

#: the others, which are scanned together: those of their files that name one of the modules
TOGETHER = FOLDER / "files"
_NAMES = re.compile(rb"smtplib|imaplib|poplib|ftplib|nntplib|SMTPHandler")

SAFE, NEUTRAL = "safe", "neutral"

_ENTRY = re.compile(r"(?P<path>[^:]+):(?P<lines>\d+(?:[-,]\d+)*)(?P<rules>(?: SD\d{3})*)")


class Label(NamedTuple):
    """What was decided about some lines of a file."""

    path: Path
    verdict: str
    site: Site


def labels() -> Dict[str, List[Label]]:
    """By requirement, e.g. "yagmail==0.16.0". Raises ValueError for an entry that cannot be read."""
    import tomllib  # of Python 3.11

    content = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return {requirement: list(_labels(requirement, lists)) for requirement, lists in content.items()}


def _labels(requirement: str, lists: Dict[str, List[str]]) -> Iterator[Label]:
    for verdict, entries in lists.items():
        if verdict not in (DEFINITE, ANY, POSSIBLE, SAFE, NEUTRAL):
            raise ValueError("%s: there is no verdict %r" % (requirement, verdict))
        for entry in entries:
            match = _ENTRY.fullmatch(entry)
            if not match or (verdict in (DEFINITE, ANY)) > bool(match["rules"]):
                raise ValueError("%s: %r is not PATH:LINE RULE" % (requirement, entry))
            site = Site(frozenset(match["rules"].split()), verdict, frozenset(_lines(match["lines"])))
            yield Label(source(requirement) / match["path"], verdict, site)


def _lines(text: str) -> Iterator[int]:
    """Of "12", "12-14" or "12,14"."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def source(requirement: str) -> Path:
    return (TOGETHER if requirement not in TREES else FOLDER / "trees") / requirement


def fetch(requirement: str) -> Path:
    """Download the wheel once, and unpack it."""
    target = source(requirement)
    if not target.exists():
        wheels = FOLDER / "dl" / requirement
        _download(requirement, wheels)
        (wheel,) = wheels.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            whole = requirement in TREES
            archive.extractall(target, [each for each in archive.namelist() if whole or _names(archive, each)])
    return target


def _names(archive: zipfile.ZipFile, name: str) -> bool:
    return not name.endswith("/") and bool(_NAMES.search(archive.read(name)))


def _download(requirement: str, folder: Path) -> None:
    """Some have a wheel for some versions only; which one it is is all the same, nothing of it is executed."""
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    for version in ("3.13", "3.12", "3.9"):
        done = subprocess.run([*pip, "--python-version", version, requirement], capture_output=True, text=True)
        if done.returncode == 0:
            return
    raise RuntimeError("%s: there is no wheel: %s" % (requirement, done.stderr.strip()[-500:]))

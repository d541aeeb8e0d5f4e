"""The sdist and the wheels, built twice from copies that differ in all that must not matter."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Dict, List, Sequence

from .base import AUTOLOAD, SCAN, Problem, Python, build, copy_tree, only, run, sha256

#: A time zone in which it is another day.
FAR = "Pacific/Kiritimati"


def disguise(tree: Path) -> None:
    """Other times and modes of the files than git's or the disk's; the files' content stays."""
    chance = random.Random(0)
    for path in sorted(tree.rglob("*")):
        if path.is_file():
            os.chmod(path, 0o755 if os.access(path, os.X_OK) else 0o600)
        stamp = chance.randrange(10**9)
        os.utime(path, (stamp, stamp))


def build_twice(python: Python, work: Path) -> Dict[str, Path]:
    """Build everything from two copies of this tree; the second wheels from the unpacked sdist.

    Args:
        python: one with hatchling.
        work: an empty folder.

    Returns:
        By name, the first of the two files.

    Raises:
        Problem: two files of one name differ.
    """
    first, second = work / "first", work / "another" / "second"
    copy_tree(first)
    copy_tree(second)
    disguise(second)
    sdist = build(python, first, "sdist", work / "sdist")
    again = build(python, second, "sdist", work / "again" / "sdist", FAR)
    unpacked = unpack(again, work / "unpacked")
    disguise(unpacked)
    pairs = [(sdist, again)]
    for name, folder in (("wheel", Path()), ("autoload", AUTOLOAD), ("scan", SCAN)):
        pairs.append(
            (
                build(python, first / folder, "wheel", work / name),
                build(python, unpacked / folder, "wheel", work / "again" / name, FAR),
            )
        )
    require_same(pairs)
    return {made.name: made for made, _ in pairs}


def require_same(pairs: Sequence[Sequence[Path]]) -> None:
    """Raise Problem if the two files of a pair differ."""
    different: List[str] = [one.name for one, other in pairs if one.name != other.name or sha256(one) != sha256(other)]
    if different:
        raise Problem("two builds differ: " + ", ".join(different))


def unpack(sdist: Path, folder: Path) -> Path:
    """Returns the one folder that is in it."""
    folder.mkdir(parents=True)
    run(["tar", "-xf", str(sdist), "-C", str(folder)])
    return only(folder, "*")

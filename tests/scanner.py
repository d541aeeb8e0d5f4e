"""The scanner, a distribution of its own: whether it is here, and how `securedefaults scan` gets to find it."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import Dict, List

PROJECT = Path(__file__).resolve().parent.parent / "backport" / "scan" / "pyproject.toml"

#: why there is no scanner; "" where there is one
MISSING = ""
if sys.version_info < (3, 10):
    MISSING = "the scanner needs Python 3.10 or newer"
elif importlib.util.find_spec("securedefaults_scan") is None:
    MISSING = "the scanner is not installed: pip install ./backport/scan, or PYTHONPATH=backport:backport/scan"


def distribution(folder: Path, name: str, commands: Dict[str, str]) -> None:
    """What an installation of a distribution with these commands says of it, in a folder for `sys.path`."""
    said = folder / ("%s-0.1.0.dist-info" % name.replace("-", "_"))
    said.mkdir(parents=True)
    (said / "METADATA").write_text("Metadata-Version: 2.1\nName: %s\nVersion: 0.1.0\n" % name)
    lines = ["%s = %s\n" % command for command in commands.items()]
    (said / "entry_points.txt").write_text("[securedefaults.commands]\n" + "".join(lines))


def paths(folder: Path) -> List[str]:
    """What `sys.path` needs, so that `securedefaults scan` finds the scanner; `folder` is where something may be put.

    Nothing where it is installed. In a checkout that is merely on the path no entry point says where it is.
    """
    spec = None if MISSING else importlib.util.find_spec("securedefaults_scan")
    if spec is None or spec.origin is None:
        return []
    place = Path(spec.origin).parent.parent
    if list(place.glob("securedefaults_scan-*.dist-info")):
        return []
    table = re.search(
        r'^\[project.entry-points."securedefaults.commands"\]\n((?:.+\n)+)', PROJECT.read_text("utf-8"), re.M
    )
    assert table is not None
    distribution(folder, "securedefaults-scan", dict(re.findall(r'^(\w+) = "(.+)"$', table.group(1), re.M)))
    return [str(folder), str(place)]

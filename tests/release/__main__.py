"""Make a release: sdist, wheels, the patches' tarball and SHA256SUMS, twice, and compare.

    tox -e release [-- --out FOLDER] [--rehearse]

Everything is built from the commit, not from the working tree, with SOURCE_DATE_EPOCH from the commit, in two folders
of different names and in different time zones. What differs by a byte is an error, and so is a version without a
section in CHANGELOG.md. --rehearse does the same for a tree that is not ready yet: changes that are not committed are
only left out, and the section may be "Unreleased".
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from making import ROOT, NotReady, release


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="FOLDER", help="default: dist")
    parser.add_argument("--rehearse", action="store_true", help="for a tree that is not ready yet")
    arguments = parser.parse_args()
    try:
        print(release(arguments.out, rehearse=arguments.rehearse), end="")
    except NotReady as exc:
        sys.exit("release: " + str(exc))


if __name__ == "__main__":
    main()

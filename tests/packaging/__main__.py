"""Build the packages of Doc/packaging for Debian and for RPM, and try them, from nothing but Debian's archive.

    python3 tests/packaging            all of the following, in this order
    python3 tests/packaging deb        sdist and wheels twice (the same bytes?), source and binary packages by
                                       dpkg-buildpackage, twice, without network and as an ordinary user; lintian
    python3 tests/packaging rpm        source and binary packages by rpmbuild, twice, without network
    python3 tests/packaging root       install them on clean roots, and try them there
    python3 tests/packaging autopkgtest    what Debian's CI would run
    python3 tests/packaging sources    the patch series in the source packages of Debian's own Pythons

Needs root, and Debian with debootstrap, util-linux, zstd, git and dpkg-dev; `sources` only the last two. Nothing is
installed on this machine: all that is needed is in roots below .cache/packaging, which are kept, and remade when
they are removed. With --record the last results of all of them are written to Doc/packaging/STATUS.md.
Exit status: 0 all of it worked; 1 something did not; 2 it could not be tried.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import List

sys.path.insert(0, str(Path(__file__).resolve().parent))

from kit.cli import main

if __name__ == "__main__":
    arguments: List[str] = sys.argv[1:]
    sys.exit(main(arguments, __doc__))

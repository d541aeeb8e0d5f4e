#!/usr/bin/env python3
"""Check, test, apply, refresh and export the patch series. `series.py --help` lists the commands.

Needs the standard library of Python 3.8 or later (before 3.11 also tomli, or the pip that contains it), git and
patch; quilt and dpkg-source are used where they are there.
"""

import sys

from seriestool.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

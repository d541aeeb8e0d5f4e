"""Puts the figures that this project measured into Doc/upstream.

    python tests/upstream [--write] [--exposure]

Says which pages are not as Doc/figures.md, Doc/cpython.md, Doc/interop.md, patches/measured.json and the table of
packages have it; with --write it mends them. --exposure downloads the packages first, from PyPI, and reads them again.
"""

from __future__ import annotations

import argparse
import sys

import exposure
import figures

import marks


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--exposure", action="store_true")
    arguments = parser.parse_args()
    if arguments.exposure:
        table = exposure.table(exposure.sites())
        if not arguments.write:
            print(table)
            return 0 if table + "\n" == marks.read(figures.EVIDENCE, "exposure") else 1
        marks.write(figures.EVIDENCE, "exposure", table)
    stale = [name for name, table in figures.tables().items() if marks.read(figures.EVIDENCE, name) != table + "\n"]
    known = figures.values()
    pages = [
        path
        for path in sorted(figures.UPSTREAM.rglob("*"))
        if path.is_file() and figures.updated(path.read_text("utf-8"), known) != path.read_text("utf-8")
    ]
    if arguments.write:
        for name in stale:
            marks.write(figures.EVIDENCE, name, figures.tables()[name])
        for path in pages:
            path.write_text(figures.updated(path.read_text("utf-8"), known), encoding="utf-8")
        return 0
    for name in stale:
        print("Doc/upstream/evidence.md: the table %s is not what was measured" % name)
    for path in pages:
        print("%s: a figure is not what was measured" % path.relative_to(figures.ROOT))
    return 1 if stale or pages else 0


sys.exit(main())

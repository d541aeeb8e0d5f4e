"""`securedefaults status`: what is native, protected, or not covered, in a process that has called `apply()`."""

from __future__ import annotations

import argparse

from .._install import hooks
from .._install.status import status
from ._output import print_json, say

HELP = "print what is native, what is protected and what is not covered"

DESCRIPTION = """\
Says for every entry point of this Python whether its default verifies by itself (native), is made to verify by
securedefaults.apply() (protected), verifies nobody (unverified), or does not exist (absent). The modules named
by --import are imported first, so that implementations of their own can be seen.
"""

EPILOG = """\
exit status: 0 nothing is unverified; 1 something is
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("--stock", action="store_true", help="do not call apply(): this Python as it is")
    parser.add_argument(
        "--import", dest="modules", metavar="MODULE", action="append", default=[], help="import this module first"
    )


def run(args: argparse.Namespace) -> int:
    """Returns the exit status."""
    import importlib

    if not args.stock:
        hooks.apply()
    for name in args.modules:
        importlib.import_module(name)
    found = status()
    if args.json:
        print_json(found.as_dict())
    else:
        say(str(found))
    return 1 if any(entry.state == "unverified" for entry in found.entry_points) else 0

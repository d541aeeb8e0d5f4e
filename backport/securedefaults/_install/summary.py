"""The summary of warn mode, on stderr when Python ends."""

from __future__ import annotations

import atexit
import sys

#: whether it was decided if there is to be one
_decided = False


def register() -> None:
    """Warn mode is on: there will be one, unless that was decided before."""
    if not _decided:
        at_exit(True)


def at_exit(wanted: bool) -> None:
    """Decide whether there is to be one."""
    global _decided
    atexit.unregister(_print)
    if wanted:
        atexit.register(_print)
    _decided = True


def _print() -> None:
    from .._observe.report import report

    text = report().summary()
    if text and sys.stderr is not None:
        try:
            print("securedefaults: " + text, file=sys.stderr)
        except (OSError, ValueError):
            return  # nobody may be there to read it

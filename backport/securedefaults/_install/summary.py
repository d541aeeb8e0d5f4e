"""The summary of warn mode, on stderr when Python ends."""

from __future__ import annotations

import atexit
import sys

from .._names import WARN

#: whether it was decided if there is to be one
_decided = False


def register() -> None:
    """Warn mode is on: if it sees anything there will be a summary, unless that was decided before."""
    if not _decided:
        atexit.unregister(_print_if_watched)
        atexit.register(_print_if_watched)


def at_exit(wanted: bool) -> None:
    """Decide whether there is to be one."""
    global _decided
    atexit.unregister(_print_if_watched)
    atexit.unregister(_print)
    if wanted:
        atexit.register(_print)
    _decided = True


def _print_if_watched() -> None:
    # Who has seen nothing has not loaded it, and is not to load it for that.
    events = sys.modules.get(__name__.partition(".")[0] + "._observe.events")
    if events is not None and events.was_seen_in(WARN):
        _print()


def _print() -> None:
    from .._observe.report import report

    text = report().summary()
    if text and sys.stderr is not None:
        try:
            # in ASCII, which every encoding has: lines and hosts are the program's
            print("securedefaults: " + text.encode("ascii", "backslashreplace").decode("ascii"), file=sys.stderr)
        except (OSError, ValueError):
            return  # nobody may be there to read it

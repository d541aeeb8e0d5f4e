"""The summary of warn mode, on stderr when Python ends."""

from __future__ import annotations

import atexit
import sys

from .._kept import kept
from .._names import WARN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Optional

#: whether it was "decided" if there is to be one, and which functions were registered
_kept = kept(__name__)


def register() -> None:
    """Warn mode is on: if it sees anything there will be a summary, unless that was decided before."""
    if "decided" not in _kept:
        _at_exit(_print_if_watched)


def at_exit(wanted: bool) -> None:
    """Decide whether there is to be one."""
    _at_exit(_print if wanted else None)
    _kept["decided"] = True


def _at_exit(function: Optional[Callable[[], None]]) -> None:
    """Have that called in the place of what was to be called before."""
    atexit.unregister(_kept.get("registered"))  # type: ignore[arg-type]  # None is no function, and was not registered
    _kept["registered"] = function
    if function is not None:
        atexit.register(function)


def _print_if_watched() -> None:
    # Who has seen nothing has not loaded it, and is not to load it for that.
    events = sys.modules.get(__name__.partition(".")[0] + "._observe.events")
    if events is not None and events.was_seen_in(WARN):
        _print()


def _print() -> None:
    from .._observe.report import report

    text = report().summary()
    stream = getattr(sys, "stderr", None)
    if text and stream is not None:
        try:
            # in ASCII, which every encoding has: lines and hosts are the program's
            print("securedefaults: " + text.encode("ascii", "backslashreplace").decode("ascii"), file=stream)
        except (OSError, ValueError, AttributeError):
            return  # nobody may be there to read it

"""Telling must not lead to more telling.

An `SMTPHandler` connects for each record, and it is an entry point itself. If a record about its own connection went
to it, there would be another connection, another record, and no end. So:

- what the connection of a handler comes to is told to the handlers that only write, and to no others;
- what any other connection comes to is told to all of them. But a handler may hand it on, to another thread, task or
  process, where nothing shows where it came from. So those that do more than write, or of which that is not known,
  are told once of each server and verdict: that is one connection more at most.

The same goes for whoever shows warnings. `report()` and the log file are told here of nothing, and miss nothing.
"""

from __future__ import annotations

import sys

from .._kept import call_in_child, kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Dict, Hashable, List, Optional

_HERE = __name__.rpartition(".")[0]
#: The functions that call out, by module. Each asks `Telling()` itself, and is not counted by that.
_TELLERS = frozenset(
    (module, name)
    for module, name in (
        (_HERE + ".logger", "hand_out"),
        (_HERE + ".warnings", "warn"),
        (_HERE + ".events", "_audit"),
        (_HERE + ".stderr", "say_once"),
    )
)

#: Different subjects that are remembered; of any more nobody is told who may hand it on.
_MOST = 10000
#: by subject, who was the first to tell of it
_told: Dict[Hashable, object] = kept(__name__).setdefault("told", {})


def forget() -> None:
    """Start anew."""
    _told.clear()


call_in_child(__name__, "forget")  # it is another process


def is_first(subject: Hashable) -> bool:
    """Whether this is the first time that a subject is told to somebody who may hand it on."""
    if len(_told) >= _MOST:
        return False
    mine = object()
    return _told.setdefault(subject, mine) is mine  # of several threads one wins


class Telling:
    """Who is being told something at this moment, further out on this thread's stack.

    Attributes:
        handlers: of `logging`.
        ours: the functions by which it is we who tell.
        goes_on: whether anybody is being told.
    """

    __slots__ = ("goes_on", "handlers", "ours")

    def __init__(self) -> None:
        self.ours: List[str] = []
        self.handlers: List[object] = []
        self.goes_on = False
        frame: Optional[FrameType] = sys._getframe(2)
        while frame is not None:
            name = frame.f_globals.get("__name__")
            if isinstance(name, str) and (name, frame.f_code.co_name) in _TELLERS:
                self.goes_on = True
                self.ours.append(frame.f_code.co_name)
            elif isinstance(name, str) and (name == "logging" or name.startswith("logging.")):
                self.goes_on = True
                self.handlers.append(frame.f_locals.get("self"))
            frame = frame.f_back

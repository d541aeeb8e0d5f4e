"""Whose line is it? The first frame that is neither ours nor the standard library's."""

from __future__ import annotations

import os
import sys

from ._entrypoints import MODULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Optional

_PACKAGE = __name__.partition(".")[0]
#: Their lines are nobody's own. (`logging` as a whole: its handlers are called by it.)
_NOT_CALLERS = frozenset([_PACKAGE, "ssl", "logging", *(name.partition(".")[0] for name in MODULES)])
_STDLIB = os.path.dirname(os.__file__) + os.sep
_SITE = tuple(os.path.join(_STDLIB, name) + os.sep for name in ("site-packages", "dist-packages"))


def caller() -> FrameType:
    """The frame of the program's line that led here."""
    frame: Optional[FrameType] = sys._getframe(1)
    first = None
    while frame is not None:
        name = module_of(frame).partition(".")[0]
        if name not in _NOT_CALLERS:
            first = first or frame
            if not _is_stdlib(frame.f_code.co_filename):
                return frame
        frame = frame.f_back
    # In a thread of an executor, say: there is nobody else.
    return first or sys._getframe(1)


def module_of(frame: FrameType) -> str:
    """The name of the module that a frame is in; "" if it has none."""
    name = frame.f_globals.get("__name__")
    return name if isinstance(name, str) else ""


def _is_stdlib(path: str) -> bool:
    return path.startswith("<frozen") or (path.startswith(_STDLIB) and not path.startswith(_SITE))

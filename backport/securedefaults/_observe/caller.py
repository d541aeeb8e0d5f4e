"""Whose line is it? The first frame that is neither ours nor the standard library's."""

from __future__ import annotations

import functools
import os
import sys
from typing import Any, Dict, FrozenSet, NamedTuple

from .._entrypoints import MODULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Optional

_PACKAGE = __name__.partition(".")[0]
#: Their lines are nobody's own. (`logging` as a whole: its handlers are called by it.)
_NOT_CALLERS = frozenset([_PACKAGE, "ssl", "logging", *(name.partition(".")[0] for name in MODULES)])
#: They call what a test hands to them, as the standard library does: pytest.raises(Error, smtplib.SMTP_SSL, "host").
_RUNNERS = frozenset(["_pytest", "pluggy"])
_OURS, _BETWEEN, _PROGRAM = range(3)
#: Where the standard library is; in a frozen program that may be nowhere, or in an archive.
_STDLIB = os.path.dirname(getattr(os, "__file__", ""))
_SITE = tuple(os.path.join(_STDLIB, name) + os.sep for name in ("site-packages", "dist-packages"))
#: the names of its modules, which no Python before 3.10 knows
_STDLIB_NAMES: FrozenSet[str] = getattr(sys, "stdlib_module_names", frozenset())


class Line(NamedTuple):
    """A line of the program.

    Attributes:
        file: path of the file that it is in.
        number: of the line.
        module: the dotted name of the module; "" if it has none.
        namespace: the module's.
    """

    file: str
    number: int
    module: str
    namespace: Dict[str, Any]


def calling_line() -> Line:
    """The line of the program that led here."""
    frame = _calling_frame()
    return Line(frame.f_code.co_filename, frame.f_lineno, _module_of(frame), frame.f_globals)


def _calling_frame() -> FrameType:
    frame: Optional[FrameType] = sys._getframe(2)
    first = None
    while frame is not None:
        origin = _origin(_module_of(frame), frame.f_code.co_filename)
        if origin == _PROGRAM:
            return frame
        if origin == _BETWEEN:
            first = first or frame
        frame = frame.f_back
    # In a thread of an executor, say: there is nobody else.
    return first or sys._getframe(2)


def _module_of(frame: FrameType) -> str:
    """The name of the module that a frame is in; "" if it has none."""
    name = frame.f_globals.get("__name__")
    return name if isinstance(name, str) else ""


@functools.lru_cache(maxsize=4096)  # it is asked for several frames in each handshake
def _origin(module: str, path: str) -> int:
    package = module.partition(".")[0]
    if package in _NOT_CALLERS:
        return _OURS
    return _BETWEEN if _is_stdlib(package, path) or package in _RUNNERS else _PROGRAM


def _is_stdlib(package: str, path: str) -> bool:
    if os.path.isabs(path):
        return bool(_STDLIB) and path.startswith(_STDLIB + os.sep) and not path.startswith(_SITE)
    # Frozen: the path says little, be it "<frozen runpy>" or "threading.py".
    return path.startswith("<frozen") or package in _STDLIB_NAMES

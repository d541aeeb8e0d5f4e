"""The categories of warnings in warn mode, and how they are given; `telling` says why not always."""

from __future__ import annotations

import sys
import warnings

from .._kept import kept
from .logger import all_only_write, is_plain
from .telling import Telling, is_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Hashable, Type

    from .caller import Line


class UnverifiedDefaultWarning(DeprecationWarning):
    """A connection was made without a context, and so without verification; enforcement would not have refused it,
    or it is unknown whether it would. Shown where Python shows a DeprecationWarning.
    """

    __module__ = "securedefaults"  # as filters name it


class WouldBeRefusedWarning(UserWarning):
    """A connection was made without a context, to a server whose certificate enforcement would have refused."""

    __module__ = "securedefaults"


# The program's filters are for the classes that it knows.
globals().update(
    kept(__name__).setdefault(
        "categories", {cls.__name__: cls for cls in (UnverifiedDefaultWarning, WouldBeRefusedWarning)}
    )
)

#: By file, what `warnings` remembers of it. (A module's own `__warningregistry__` has no end, and here is a text for
#: each server.)
_registries: Dict[str, Dict[Any, Any]] = {}
#: files, and entries of one of them
_MOST = 256


def warn(message: str, category: Type[Warning], line: Line, subject: Hashable) -> None:
    """Warn at a line of the program, if those who show warnings may be told.

    Args:
        message: of the warning.
        category: of the warning.
        line: where to warn.
        subject: what it is about: equal for equal servers and verdicts.

    Raises:
        Warning: the program has made it an error; this is never left out.
    """
    name = line.namespace.get("__name__") or line.file
    if not (_is_written() or _is_told(Telling(), subject, line) or _is_error(message, category, name, line.number)):
        return
    try:
        warnings.warn_explicit(message, category, line.file, line.number, name, _registry(line.file))
    except Warning:
        raise
    except Exception:
        return  # whoever shows it has failed, and that is no fault of the connection


def _is_written() -> bool:
    """Whether all that can become of a warning is text on a stream, an entry in a list, or an exception."""
    return _is_kept() or (_is_stock() and is_plain(getattr(sys, "stderr", None)))


def _is_stock() -> bool:
    return warnings.showwarning is getattr(warnings, "_showwarning_orig", None)


def _is_kept() -> bool:
    """Whether `catch_warnings(record=True)` keeps them: for all, or, since 3.14, in a context."""
    show = getattr(warnings, "_showwarnmsg_impl", None)
    context: Any = getattr(warnings, "_get_context", lambda: None)()
    kept_by = getattr(show, "__self__", None) if _is_stock() else None
    return isinstance(kept_by, list) or getattr(context, "log", None) is not None


def _is_told(telling: Telling, subject: Hashable, line: Line) -> bool:
    # `captureWarnings`
    if warnings.showwarning is sys.modules["logging"]._showwarning:
        return not telling.goes_on and (all_only_write("py.warnings") or is_first(subject))
    # a warning is about a line
    return not telling.goes_on and is_first(("shown", subject, line.file, line.number))


def _is_error(message: str, category: Type[Warning], module: str, number: int) -> bool:
    """Whether the program has made this warning an error, by the rules of `warnings.warn_explicit()`."""
    filters: Any = getattr(warnings, "_get_filters", lambda: warnings.filters)  # what counts in a context, since 3.14
    for action, text, kind, name, at in filters():
        if _fits(text, message) and issubclass(category, kind) and _fits(name, module) and at in (0, number):
            return bool(action == "error")
    return bool(warnings.defaultaction == "error")  # type: ignore[attr-defined]


def _fits(pattern: Any, value: str) -> bool:
    """Whether a filter's pattern fits; those that `warnings` begins with are plain strings."""
    if pattern is None or isinstance(pattern, str):
        return pattern in (None, value)
    return pattern.match(value) is not None


def _registry(file: str) -> Dict[Any, Any]:
    if len(_registries) > _MOST:
        _registries.clear()
    registry = _registries.setdefault(file, {})
    if len(registry) > _MOST:
        registry.clear()
    return registry

"""What the distribution securedefaults-autoload calls at the start of each interpreter where anything is configured.

Without it nobody calls this. Even then nothing is imported and nothing read before the program imports `ssl`.

(No `from __future__` here: interpreters start with this module, and would import another one for it.)
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, List, Optional, Sequence


def start() -> None:
    """Have what was configured applied as soon as `ssl` is imported, and at once if it is.

    Any number of times.
    """
    if _in_place():
        return
    if "ssl" not in sys.modules:
        sys.meta_path.insert(0, _finders[0])
        return
    from . import hooks

    hooks.apply_configured()


def cancel() -> bool:
    """The program speaks for itself; returns whether there was anything to cancel."""
    found = _in_place()
    for finder in found:
        sys.meta_path.remove(finder)
    return bool(found)


class Waiting:
    """A finder for `sys.meta_path` that finds nothing, but hears of the import of `ssl`."""

    def find_spec(
        self, name: str, path: "Optional[Sequence[str]]" = None, target: "Optional[ModuleType]" = None
    ) -> "Optional[ModuleSpec]":
        """See `importlib.abc.MetaPathFinder.find_spec`."""
        if name != "ssl":
            return None
        # To look for a module is not yet to import it: one that waits for the end of the import takes over.
        from .imports import Watcher

        watcher = Watcher({"ssl": _loaded})
        _finders.append(watcher)
        sys.meta_path[sys.meta_path.index(self)] = watcher  # type: ignore[call-overload,unused-ignore]
        return watcher.find_spec(name, path, target)


def _loaded(ssl: "ModuleType") -> None:
    if cancel():
        from . import hooks

        hooks.apply_configured()


#: What waits for `ssl`, with the one for the beginning first.
_finders: "List[Any]" = [Waiting()]


def _in_place() -> "List[Any]":
    return [finder for finder in _finders if finder in sys.meta_path]

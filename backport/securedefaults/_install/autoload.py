"""What the distribution securedefaults-autoload calls at the start of each interpreter where anything is configured.

Without it nobody calls this. Even then nothing is imported and nothing read before the program imports `ssl`.

(No `from __future__` here: interpreters start with this module, and would import another one for it.)
"""

import sys

from . import check_implementation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Optional, Sequence


def start() -> None:
    """Have what was configured applied as soon as `ssl` is imported, and at once if it is.

    Any number of times.

    Raises:
        NotImplementedError: this Python is neither CPython nor PyPy.
    """
    check_implementation()
    if any(getattr(finder, "waits_for_ssl", False) is True for finder in sys.meta_path):
        return
    if "ssl" not in sys.modules:
        sys.meta_path.insert(0, Waiting())  # type: ignore[arg-type,unused-ignore]
        return
    from . import hooks

    hooks.apply_configured()


class Waiting:
    """A finder for `sys.meta_path` that finds nothing, but hears of the import of `ssl`."""

    waits_for_ssl = True

    def find_spec(
        self, name: str, path: "Optional[Sequence[str]]" = None, target: "Optional[ModuleType]" = None
    ) -> "Optional[ModuleSpec]":
        """See `importlib.abc.MetaPathFinder.find_spec`."""
        if name != "ssl":
            return None
        # To look for a module is not yet to import it: one that waits for the end of the import takes over.
        from .imports import Watcher

        watcher = Watcher({"ssl": _loaded})
        watcher.waits_for_ssl = True
        sys.meta_path[sys.meta_path.index(self)] = watcher  # type: ignore[call-overload,unused-ignore]
        return watcher.find_spec(name, path, target)


def _loaded(ssl: "ModuleType") -> None:
    from . import hooks

    if hooks.cancel_autoload():
        hooks.apply_configured()

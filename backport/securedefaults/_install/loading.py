"""What a handshake and its failure need: imported when the first one is about to begin, and not in the middle of it."""

import sys
import time

from .. import _policy
from .._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional


class Loaded:
    """Modules, all of them complete."""

    def __init__(self) -> None:
        from .._observe import caller, warnings
        from .._tls import context, guard, verdict, watch

        if _policy.in_force is not None and _policy.in_force.log is not None:
            import json  # noqa: F401 - what writes the log needs it
        self.caller, self.warnings = caller, warnings
        self.context, self.guard, self.verdict, self.watch = context, guard, verdict, watch


#: None before they are needed
loaded: "Optional[Loaded]" = kept(__name__).get("loaded")


def load() -> "Optional[Loaded]":
    """Import them.

    None if we have interrupted this very import, in a signal handler: what is only half there cannot be used.

    Raises:
        ImportError: they cannot be imported.
    """
    global loaded
    if loaded is not None:
        return loaded
    try:
        found = Loaded()
    except (ImportError, AttributeError):
        if is_interrupted():
            return None
        raise
    if is_interrupted():
        return None
    loaded = kept(__name__)["loaded"] = found
    return found


def is_interrupted() -> bool:
    """Whether this thread is in the middle of importing a module of this package."""
    for _ in range(50):
        if not _being_imported():
            return False
        time.sleep(0.002)  # it may be another thread
    return True


def _being_imported() -> "List[str]":
    package = __package__.rpartition(".")[0] + "."
    modules = [(name, module) for name, module in list(sys.modules.items()) if name.startswith(package)]
    return [name for name, module in modules if getattr(getattr(module, "__spec__", None), "_initializing", False)]

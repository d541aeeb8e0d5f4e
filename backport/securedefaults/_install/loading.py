"""What a handshake and its failure need: imported when the first one is about to begin, and not in the middle of it."""

import sys

from .. import _policy
from .._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional


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
    if loaded is None:
        try:
            loaded = kept(__name__)["loaded"] = Loaded()
        except (ImportError, AttributeError):
            if not is_interrupted():
                raise
    return loaded


def is_interrupted() -> bool:
    """Whether any module of this package is just being imported."""
    package = __package__.rpartition(".")[0] + "."
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(package)]
    return any(getattr(getattr(module, "__spec__", None), "_initializing", False) for module in modules)

"""What a handshake and its failure need: imported when the first one is about to begin, and not in the middle of it."""

import sys

from .. import _policy
from .._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from types import FrameType
    from typing import Callable, List, Optional, Tuple

    from .._tls.client import Server


class Loaded:
    """Modules, all of them complete."""

    def __init__(self) -> None:
        from .._observe import caller, warnings
        from .._tls import context, guard, verdict

        if _policy.in_force is not None and _policy.in_force.log is not None:
            import json  # noqa: F401 - what writes the log needs it
        self.caller, self.warnings = caller, warnings
        self.context, self.guard, self.verdict = context, guard, verdict


#: None before they are needed
loaded: "Optional[Loaded]" = kept(__name__).get("loaded")

#: What was refused before they were there: the server, and the error. The guard is told when it comes.
refused: "List[Tuple[Server, ssl.SSLCertVerificationError]]" = []


def load(*, needed: bool = True) -> "Optional[Loaded]":
    """Import them.

    None if we have interrupted this very import, in a signal handler: what is only half there cannot be used.

    Args:
        needed: False if None will do as well where they cannot be imported, for want of a file descriptor, say.

    Raises:
        ImportError: they cannot be imported.
    """
    global loaded
    if loaded is not None:
        return loaded
    if is_interrupted():
        # Nothing is imported here: before 3.12 importlib does not survive that in the middle of itself.
        return None
    try:
        found = _with_stderr(Loaded)
    except (ImportError, AttributeError):  # the latter of what is only half there for another thread
        if needed:
            raise
        return None
    loaded = kept(__name__)["loaded"] = found
    while refused:
        server, exc = refused.pop()
        found.guard.note_verdict(server, found.verdict.refused_by(exc))
    return found


def _with_stderr(make: "Callable[[], Loaded]") -> "Loaded":
    """Call it; `threading`, for one, cannot be imported where somebody has deleted `sys.stderr`."""
    if hasattr(sys, "stderr"):
        return make()
    sys.stderr = None  # as where a program has none
    try:
        return make()
    finally:
        if getattr(sys, "stderr", 0) is None:
            vars(sys).pop("stderr", None)


def forget_refusals() -> None:
    """What was refused is of no account any more."""
    refused.clear()
    if loaded is not None:
        loaded.guard.forget()


def is_interrupted() -> bool:
    """Whether this thread is in the middle of importing a module of this package."""
    package = __package__.rpartition(".")[0] + "."
    frame: Optional[FrameType] = sys._getframe(1)
    while frame is not None:
        # before its code is executed, and while it is
        if frame.f_code.co_name == "_find_and_load":
            name = frame.f_locals.get("name")
        else:
            name = frame.f_globals.get("__name__") if frame.f_code.co_name == "<module>" else None
        if isinstance(name, str) and name.startswith(package):
            return True
        frame = frame.f_back
    return False

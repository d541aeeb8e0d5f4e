"""Who asks `ssl` for a default context: which entry point, for which client object.

An entry point that is compiled shows neither frames nor names. So whoever cannot be told from one counts as one: its
context verifies. Only who is known to ask for reasons of its own gets what it asks for.

(No `from __future__` here: `hooks` needs it, and interpreters start with that.)
"""

import os

from .._entrypoints import MODULES
from .._kept import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Dict, Optional

    from .._entrypoints import Module

#: What the standard library calls to make its default context: today, and with the patches of this project.
FACTORIES = ("_create_stdlib_context", "_create_default_client_context")

#: The name by which `http.client` asks. Programs put another function there, to say how they want it for HTTPS.
_OF_HTTPS = "_create_default_https_context"

#: where our own methods are that stand around those of entry points, with `module` and `self` among their variables
_METHODS = __name__.rpartition(".")[0] + ".methods"
#: where it is only asked what is there
_HOOKS = __name__.rpartition(".")[0] + ".hooks"

#: the modules of which an entry point was seen to ask; a dictionary, for one step to add to it
seen: "Dict[str, bool]" = kept(__name__).setdefault("seen", {})

#: the modules that are compiled, the same
unreadable: "Dict[str, bool]" = kept(__name__).setdefault("unreadable", {})


class Asking:
    """An entry point that asks, as far as it can be told.

    Attributes:
        module: it is in; None if that cannot be found out.
        client: the object of which a method asks; None the same.
    """

    def __init__(self, module: "Optional[Module]" = None, client: "Optional[object]" = None) -> None:
        self.module = module
        self.client = client


def who_asks(frame: "Optional[FrameType]") -> "Optional[Asking]":
    """The entry point that asks; None if it is somebody else.

    Args:
        frame: the first one outside of our own function.
    """
    if frame is None or _OF_HTTPS in frame.f_code.co_names:
        return None
    names_it = False
    at: Optional[FrameType] = frame
    while at is not None:  # whatever stands between belongs to what others wrapped around ours
        name = _name(at)
        if name == _METHODS and at.f_locals.get("module") in MODULES:
            return _found(at.f_locals["module"], at.f_locals.get("self"))
        if name in MODULES and _may_ask(name, at):
            return _found(name, _client(at))
        if name == _HOOKS and at.f_code.co_name == "verifies":
            return None
        names_it = names_it or _asks(at)
        at = at.f_back
    return None if names_it else Asking()


def _found(name: str, client: "Optional[object]") -> Asking:
    seen[name] = True
    return Asking(MODULES[name], client)


def _name(frame: "FrameType") -> str:
    """The name of the module that a frame is in; that of its file, if it is one of MODULES under another name."""
    name = frame.f_globals.get("__name__")
    if name == "__main__":  # `python -m nntplib`
        name = getattr(frame.f_globals.get("__spec__"), "name", name)
    if name not in MODULES and frame.f_code.co_filename in _FILES:
        return _FILES[frame.f_code.co_filename]
    return name if isinstance(name, str) else ""


#: the modules by file; what is frozen may have none
_FOLDER = os.path.dirname(getattr(os, "__file__", ""))
_FILES = {os.path.join(_FOLDER, *name.split(".")) + ".py": name for name in MODULES}


def _asks(frame: "FrameType") -> bool:
    return any(name in frame.f_code.co_names for name in FACTORIES)


def _may_ask(name: str, frame: "FrameType") -> bool:
    """Whether the function of a frame asks; what is compiled may."""
    return name in unreadable or not frame.f_code.co_names or _asks(frame)


def _client(frame: "FrameType") -> "Optional[object]":
    """The client object of which a method asked; nntplib has a function in between, and we may stand around it."""
    outer: Optional[FrameType] = frame
    while outer is not None and (outer.f_globals is frame.f_globals or _name(outer) == _METHODS):
        if "self" in outer.f_locals:
            client: object = outer.f_locals["self"]
            return client
        outer = outer.f_back
    return None

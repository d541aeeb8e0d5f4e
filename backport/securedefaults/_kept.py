"""What a module of ours still knows when it is executed again.

`importlib.reload()` does that, and IPython's autoreload, which empties the module before. What is hooked goes on
working all the time, so what it works by must stay the same.

(No `from __future__` and no `weakref` here: it is needed before they are.)
"""

import os
import sys
from _weakref import ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Dict, Tuple

    #: by id of the module
    States = Dict[int, Tuple["ref[ModuleType]", Dict[str, Any]]]

#: the attribute of `sys` with all of it: every module of ours may be emptied
_ATTRIBUTE = "_securedefaults_kept"


def kept(module_name: str) -> "Dict[str, Any]":
    """By name, all that a module keeps. It takes what is there, and puts there what is not, by `setdefault()`.

    A module that was imported anew, after the old one was taken out of `sys.modules`, begins with nothing: the old one
    may still be at work.
    """
    module = sys.modules.get(module_name)
    if module is None:  # executed by somebody who does not want it there
        return {}
    states: States = vars(sys).setdefault(_ATTRIBUTE, {})
    key = id(module)

    def forget(gone: "ref[ModuleType]") -> None:
        # without any global name, for at the end of the interpreter there is none
        if key in states and states[key][0] is gone:
            del states[key]

    if key not in states or states[key][0]() is not module:
        states[key] = ref(module, forget), {}
    return states[key][1]


def call_in_child(module_name: str, name: str) -> None:
    """Have a function of that module called in each forked child; nothing of the module is kept for it."""
    if not hasattr(os, "register_at_fork"):  # pragma: no cover - Windows
        return
    module = ref(sys.modules[module_name])

    def call() -> None:
        present = module()
        if present is not None:
            vars(present)[name]()

    os.register_at_fork(after_in_child=call)

"""`status()`: what is native, what is protected, and what cannot be reached."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from .. import _policy
from .._entrypoints import ENTRY_POINTS, MODULES, EntryPoint
from . import asking, hooks, workers
from .asking import FACTORIES
from .code import asks, is_readable, uses
from .imports import find_spec

PROTECTED = "protected"  # securedefaults verifies
WATCHED = "watched"  # warn mode: verifies nobody, and says what enforcement would do
NATIVE = "native"  # this Python's own default verifies
UNVERIFIED = "unverified"  # the default verifies nobody
ABSENT = "absent"  # this Python has no such module


class EntryPointStatus(NamedTuple):
    """One entry point.

    Attributes:
        name: dotted, e.g. `"imaplib.IMAP4_SSL"`.
        state: `"protected"` (securedefaults verifies), `"watched"` (warn mode), `"native"` (a context of this Python's
            own default was made, and verifies), `"unverified"`, or `"absent"` (this Python has no such module).

    What cannot be found out is called unverified. Under `apply()` that is: a module that was compiled, until it is seen
    to ask for its default, which is verified; a module of a later Python that asks for its default in a way that is not
    known here; and one whose `ssl` had its helper replaced after `apply()`.
    """

    name: str
    state: str


class Status(NamedTuple):
    """What `apply()` did to this process.

    Attributes:
        mode: `"enforce"` or `"warn"`, or None while nothing is applied.
        entry_points: all of them, with their states.
        not_covered: code in this process that starts TLS in its own ways, a sentence each.
    """

    mode: Optional[str]
    entry_points: Tuple[EntryPointStatus, ...]
    not_covered: Tuple[str, ...]

    def as_dict(self) -> Dict[str, Any]:
        """The same for JSON."""
        return {
            "mode": self.mode,
            "entry_points": {entry.name: entry.state for entry in self.entry_points},
            "not_covered": list(self.not_covered),
        }

    def __str__(self) -> str:
        width = max(len(entry.name) for entry in self.entry_points)
        lines = ["mode: %s" % (self.mode or "not applied")]
        lines += ["%-*s  %s" % (width, entry.name, entry.state) for entry in self.entry_points]
        lines += ["not covered: " + sentence for sentence in self.not_covered]
        return "\n".join(lines)


def status() -> Status:
    """What is protected in this process, what verifies by itself, and what cannot be reached.

    Imports nothing: of modules that are not loaded yet it says what will be.
    """
    if hooks.cancel_autoload():
        hooks.apply_configured()
    states = tuple(EntryPointStatus(entry_point.name, _state_of(entry_point)) for entry_point in ENTRY_POINTS)
    policy = _policy.in_force
    return Status(policy.mode if policy else None, states, tuple(_not_covered()))


def _state_of(entry_point: EntryPoint) -> str:
    name = entry_point.module
    if name not in sys.modules and "." not in name and not find_spec(name, None, None, skip=hooks.watcher):
        return ABSENT
    if name in sys.modules and _helper(name) is None and entry_point.through != name:
        name = entry_point.through
    module, helper = sys.modules.get(name), _helper(name)
    if module is not None and not is_readable(module):
        # Compiled: what it asks shows only when it does.
        return _with_hooks(hooks.ssl_of(module), FACTORIES[0]) if name in asking.seen else UNVERIFIED
    return UNVERIFIED if helper is None else _helper_state(name, helper)


def _helper(name: str) -> Optional[str]:
    """Which function of `ssl` that module asks for its default context; None if it is not known to ask any."""
    module = sys.modules.get(name)
    if module is not None:
        return next((helper for helper in (*FACTORIES, *_PUBLIC) if asks(module, helper)), None)
    stdlib, patched = FACTORIES
    return patched if hasattr(sys.modules.get("ssl"), patched) else stdlib


#: what a later Python may ask
_PUBLIC = ("create_default_context",)


def _helper_state(name: str, helper: str) -> str:
    """What the module of that name gets that asks `ssl.<helper>` for its default context."""
    module = sys.modules.get(name)
    ssl = sys.modules.get("ssl") if module is None else hooks.ssl_of(module)
    if ssl and hooks.verifies(getattr(ssl, helper)):
        return NATIVE
    return _with_hooks(ssl, helper)


def _with_hooks(ssl: Optional[ModuleType], helper: str) -> str:
    """What becomes of a default that does not verify by itself."""
    if _policy.in_force and (ssl is None or hooks.in_place(ssl, helper)):
        return PROTECTED if _policy.enforcing() else WATCHED
    return UNVERIFIED


def _not_covered() -> Iterator[str]:
    name = FACTORIES[0]
    ssl = sys.modules.get("ssl")
    if _policy.in_force and ssl and not hooks.in_place(ssl, name):
        yield "ssl.%s was replaced after apply(), by %r" % (name, getattr(ssl, name, None))
    yield from _replaced_methods()
    yield from workers.not_covered()
    seen: Set[type] = set()
    modules = [(name, value) for name, value in sorted(sys.modules.items()) if isinstance(value, ModuleType)]
    # Some have two names: `multiprocessing` calls `__main__` `__mp_main__` as well.
    first = {id(module): name for name, module in reversed(modules)}
    for module_name, module in modules:
        if first[id(module)] != module_name:
            continue
        for copy in _copies(module):
            yield "%s.%s is a copy of the module from before apply(), and not the one in sys.modules" % (
                module_name,
                copy,
            )
        for name in _made_before(module):
            yield "%s.%s: its context verifies nobody; it was made before apply(), or passed explicitly" % (
                module_name,
                name,
            )
        for cls in _lookalikes(module):
            if cls not in seen and not _is_hooked(cls):
                yield "%s.%s is an implementation of its own" % (module_name, cls.__name__)
            seen.add(cls)


def _replaced_methods() -> Iterator[str]:
    """Methods of which ours was replaced again, as when a test took its mock away that was there during `apply()`."""
    for replacement in list(hooks.replacements.values()) if _policy.in_force else ():
        owner = replacement.owner
        if isinstance(owner, type) and not replacement.in_place():
            name = "%s.%s.%s" % (owner.__module__, owner.__qualname__, replacement.name)
            yield "%s was replaced after apply(), by %r; call apply() again" % (name, replacement.current())


def _made_before(module: ModuleType) -> Iterator[str]:
    """Names in that module of clients whose context is neither ours nor verifies.

    Those in variables of functions and in attributes of objects are not looked for.
    """
    for name, value in list(vars(module).items()) if _policy.in_force else ():
        if any(base.__module__ in MODULES for base in type(value).__mro__) and _is_unverified(value):
            yield name


def _is_unverified(client: object) -> bool:
    held = getattr(client, "__dict__", {})
    # imaplib and nntplib have it by another name
    context = held.get("context", held.get("ssl_context", held.get("_context")))
    verify_mode = getattr(context, "verify_mode", None)
    # 0 is CERT_NONE; a module of ours that made one would have been loaded for it
    # ours shows what is in force, unless the copy of this package that made it is gone
    return verify_mode == 0 and (_policy.enforcing() or not hasattr(context, "_policies"))


def _copies(module: ModuleType) -> Iterator[str]:
    """Names in that module for modules with entry points that are out of reach: another one is in `sys.modules`."""
    for name in MODULES:
        found = vars(module).get(name)
        if not isinstance(found, ModuleType) or found.__name__ != name or found is sys.modules.get(name):
            continue
        if asks(found, FACTORIES[0]) and not _has_our_methods(vars(found)):
            yield name


def _has_our_methods(namespace: Dict[str, Any]) -> bool:
    """Whether a class in the namespace of a module has any."""
    owners = [replacement.owner for replacement in hooks.replacements.values() if replacement.in_place()]
    return any(owner is cls for owner in owners for cls in namespace.values() if isinstance(cls, type))


def _lookalikes(module: ModuleType) -> List[type]:
    """Classes of that module which are named like the standard library's, but are neither these nor subclasses."""
    found = []
    for entry_point in ENTRY_POINTS:
        cls = vars(module).get(entry_point.cls)
        real = getattr(sys.modules.get(entry_point.module), entry_point.cls, None)
        if isinstance(cls, type) and not (real and issubclass(cls, real)):
            found.append(cls)
    return found


def _is_hooked(cls: type) -> bool:
    """Whether that is a copy of a module of the standard library, as eventlet makes them, with our hook below it."""
    for function in vars(cls).values():
        namespace = getattr(function, "__globals__", {})
        if namespace.get("__name__") in MODULES and "ssl" in namespace:
            present, name = namespace["ssl"], FACTORIES[0]  # eventlet's own has it from the other
            shown = getattr(sys.modules.get("ssl"), name, None)
            if not hooks.in_place(present, name) and getattr(present, name, None) is not shown:
                return False
            return not uses(namespace, name) or _has_our_methods(namespace)
    return False

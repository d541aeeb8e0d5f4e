"""`status()`: what is native, what is protected, and what cannot be reached."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from . import _hooks, _state
from ._entrypoints import ENTRY_POINTS, EntryPoint
from ._imports import find_spec

PROTECTED = "protected"  # securedefaults verifies
NATIVE = "native"  # this Python's own default verifies
UNVERIFIED = "unverified"  # the default verifies nobody
ABSENT = "absent"  # this Python has no such module


class EntryPointStatus(NamedTuple):
    """One entry point, and one of the states above."""

    name: str
    state: str


class Status(NamedTuple):
    """What `apply()` did to this process.

    Attributes:
        mode: `"enforce"`, or None while nothing is applied.
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
    states = tuple(EntryPointStatus(entry_point.name, _state_of(entry_point)) for entry_point in ENTRY_POINTS)
    policy = _state.policy
    return Status(policy.mode if policy else None, states, tuple(_not_covered()))


def _state_of(entry_point: EntryPoint) -> str:
    name = entry_point.module
    if name not in sys.modules and "." not in name and not find_spec(name, None, None, skip=_hooks.watcher):
        return ABSENT
    helper = _helper(name) or (_helper(entry_point.through) if entry_point.through != name else None)
    # A module that asks no helper makes its context with a public function, which verifies.
    return _helper_state(helper) if helper else NATIVE


def _helper(name: str) -> Optional[str]:
    """Which function of `ssl` that module asks for its default context."""
    module = sys.modules.get(name)
    if module is not None:
        return next((helper for helper in _hooks.FACTORIES if _hooks.asks(module, helper)), None)
    stdlib, patched = _hooks.FACTORIES
    return patched if hasattr(sys.modules.get("ssl"), patched) else stdlib


def _helper_state(name: str) -> str:
    """What a module gets that asks `ssl.<name>` for its default context."""
    ssl = sys.modules.get("ssl")
    if _state.policy and (ssl is None or _hooks.in_place(ssl, name)):
        return PROTECTED
    return NATIVE if ssl and _hooks.verifies(getattr(ssl, name)) else UNVERIFIED


def _not_covered() -> Iterator[str]:
    name = _hooks.FACTORIES[0]
    ssl = sys.modules.get("ssl")
    if _state.policy and ssl and not _hooks.in_place(ssl, name):
        yield "ssl.%s was replaced after apply(), by %r" % (name, getattr(ssl, name, None))
    for module, namespace in [(key, vars(value)) for key, value in list(sys.modules.items()) if _is_module(value)]:
        if namespace.get(name) is not None and namespace[name] is not getattr(ssl, name, None):
            yield "%s has a copy of ssl.%s of its own" % (module, name)
        for cls in _lookalikes(module, namespace):
            yield "%s.%s is an implementation of its own" % (module, cls)


def _is_module(value: object) -> bool:
    return isinstance(value, ModuleType)


def _lookalikes(name: str, namespace: Dict[str, Any]) -> List[str]:
    """Classes of that module which are named like the standard library's, but share nothing with them."""
    wanted = {entry_point.cls: entry_point.module for entry_point in ENTRY_POINTS}
    return [
        cls
        for cls, value in namespace.items()
        if isinstance(value, type)
        and wanted.get(cls, name) != name
        and value.__module__ == name
        and not any(base.__module__ == wanted[cls] for base in value.__mro__)
    ]

"""Call a function whenever a module has been imported or reloaded, and import nothing for it."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, Callable, Dict, List, Optional, Sequence, Set

    Callback = Callable[[ModuleType], None]
else:
    from _frozen_importlib import ModuleSpec  # it is always loaded, as opposed to importlib.machinery


def find_spec(
    name: str, path: "Optional[Sequence[str]]", target: "Optional[ModuleType]", skip: object
) -> "Optional[ModuleSpec]":
    """What `sys.meta_path` without `skip` finds."""
    for finder in list(sys.meta_path):
        if finder is skip:
            continue
        find = getattr(finder, "find_spec", None)
        spec: Optional[ModuleSpec] = find(name, path, target) if find else _find_as_of_old(finder, name, path)
        if spec is not None:
            return spec
    return None


def _find_as_of_old(finder: "Any", name: str, path: "Optional[Sequence[str]]") -> "Optional[ModuleSpec]":
    """What a finder from before Python 3.4 finds; Python 3.12 asks it no longer. For modules that are no packages."""
    find = getattr(finder, "find_module", None) if sys.version_info < (3, 12) else None
    loader: Any = find(name, path) if find else None
    return None if loader is None else ModuleSpec(name, loader)


class Watcher:
    """A finder for `sys.meta_path` that finds what the others find and has its callback called after the import.

    Args:
        callbacks: by the full name of the module.

    Attributes:
        waits_for_ssl: whether it is there for `autoload` alone; see `hooks.cancel_autoload()`.
        restore: puts back what the callbacks replaced, for another copy of this package that takes over; see
            `hooks.install()`.
    """

    waits_for_ssl = False
    restore: "Optional[Callable[[], None]]" = None

    def __init__(self, callbacks: "Dict[str, Callback]") -> None:
        self._callbacks = callbacks
        self._searching: Set[str] = set()

    def install(self) -> None:
        """Watch from now on; modules that are there already are called back, as soon as they are complete."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)  # type: ignore[arg-type,unused-ignore]
        for name, callback in self._callbacks.items():
            module = sys.modules.get(name)
            if module is not None:
                _when_complete(module, callback)

    def remove(self) -> None:
        """Watch no longer."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)  # type: ignore[arg-type,unused-ignore]

    def find_spec(
        self, name: str, path: "Optional[Sequence[str]]" = None, target: "Optional[ModuleType]" = None
    ) -> "Optional[ModuleSpec]":
        """See `importlib.abc.MetaPathFinder.find_spec`."""
        callback = self._callbacks.get(name)
        # Other finders work like this one; asking each other they must not go round in circles.
        if callback is None or name in self._searching:
            return None
        self._searching.add(name)
        try:
            spec = find_spec(name, path, target, skip=self)
        finally:
            self._searching.discard(name)
        if spec is not None and spec.loader is not None:
            cls = _Loader if hasattr(spec.loader, "exec_module") else _OldLoader
            spec.loader = cls(spec, spec.loader, callback)  # type: ignore[assignment]
        return spec


class _StandIn:
    """Stands in for a loader until the module is executed, so that the module never shows it."""

    def __init__(self, spec: ModuleSpec, loader: "Loader", callback: "Callback") -> None:
        self._spec = spec
        self._loader = loader
        self._callback = callback

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._loader, name)


class _OldLoader(_StandIn):
    """For a loader that only has the method of old, as that of zip archives has before Python 3.10."""

    def load_module(self, name: str) -> "ModuleType":
        self._spec.loader = self._loader
        module = self._loader.load_module(name)
        self._callback(module)
        return module


class _Loader(_StandIn):
    def exec_module(self, module: "ModuleType") -> None:
        self._spec.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._callback(module)


def _when_complete(module: "ModuleType", callback: "Callback") -> None:
    """Call back at once, or at the end of the import if it is still going on.

    `import smtplib` imports `ssl`, and whoever waits for that finds a `smtplib` in which there is nothing yet.
    """
    spec: Any = getattr(module, "__spec__", None)
    # What importlib itself looks at, before it hands out a module that another thread is importing.
    if type(spec) not in (ModuleSpec, _Incomplete) or not getattr(spec, "_initializing", False):
        callback(module)
        return
    spec.__dict__.setdefault("_callbacks", []).append((module, callback))
    spec.__class__ = _Incomplete
    if not spec._initializing:  # another thread was faster
        spec.complete()


class _Incomplete(ModuleSpec):
    """The spec of a module that is just being imported; it hears of the end, and is an ordinary one from then on."""

    def __setattr__(self, name: str, value: "Any") -> None:
        super().__setattr__(name, value)
        if name == "_initializing" and not value:
            self.complete()

    def complete(self) -> None:
        """Call back, unless the import has failed."""
        self.__class__ = ModuleSpec  # type: ignore[assignment]
        callbacks: List[Any] = self.__dict__.pop("_callbacks", [])
        for module, callback in callbacks:
            if sys.modules.get(self.name) is module:
                callback(module)

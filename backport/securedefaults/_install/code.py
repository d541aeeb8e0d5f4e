"""What the code of a module says about it: which names it uses."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Iterator, Mapping, Tuple


def asks(module: "ModuleType", helper: str) -> bool:
    """Whether `module` calls `ssl.<helper>` somewhere."""
    return uses(vars(module), helper)


def uses(namespace: "Mapping[str, Any]", name: str) -> bool:
    """Whether that name stands somewhere in the code of the module with this namespace."""
    return any(name in names for names in _names(namespace, namespace["__name__"]))


def _names(namespace: "Mapping[str, Any]", module: str) -> "Iterator[Tuple[str, ...]]":
    """The names that each function of a module, and of its classes, uses."""
    for value in list(namespace.values()):
        if isinstance(value, type) and value.__module__ == module:
            yield from _names(vars(value), module)
        else:
            yield names_in(value)


def names_in(function: "Any") -> "Tuple[str, ...]":
    """The global and attribute names in a function's code, whatever was wrapped around it since; () if it has none."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    names: Tuple[str, ...] = getattr(getattr(function, "__code__", None), "co_names", ())
    return names

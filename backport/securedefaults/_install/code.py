"""What the code of a module says about it: which names it uses, and which classes are its own."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Iterator, Mapping, Optional, Tuple


def asks(module: "ModuleType", helper: str) -> bool:
    """Whether `module` calls `ssl.<helper>` somewhere."""
    return uses(vars(module), helper)


def uses(namespace: "Mapping[str, Any]", name: str) -> bool:
    """Whether that name stands somewhere in the code of the module with this namespace."""
    return any(name in names for names in _names(namespace, namespace["__name__"]))


def is_readable(module: "ModuleType") -> bool:
    """Whether the code of a module can be read; that of a compiled one cannot, and it may call anything."""
    return any(_functions(vars(module), module.__name__))


def class_of(module: "ModuleType", name: str) -> "Optional[type]":
    """The class of that name which the module has defined, also while somebody has put a mock into its place."""
    found = vars(module).get(name)
    if _is_own(found, module, name):
        return found
    for value in list(vars(module).values()):
        if isinstance(value, type) and value.__module__ == module.__name__:
            for related in (*value.__mro__, *type.__subclasses__(value)):
                if _is_own(related, module, name):
                    return related
    return None


def _is_own(thing: "Any", module: "ModuleType", name: str) -> bool:
    return isinstance(thing, type) and (thing.__module__, thing.__name__) == (module.__name__, name)


def _names(namespace: "Mapping[str, Any]", module: str) -> "Iterator[Tuple[str, ...]]":
    """The names that each function of a module, and of its classes, uses."""
    for value in list(namespace.values()):
        if isinstance(value, type) and value.__module__ == module:
            yield from _names(vars(value), module)
        else:
            yield names_in(value)


def _functions(namespace: "Mapping[str, Any]", module: str) -> "Iterator[bool]":
    """Whether each function of a module, and of its classes, is Python's own; those that others put there are not.

    What a compiler makes instead may have a code object with any names in it.
    """
    for value in list(namespace.values()):
        if isinstance(value, type) and value.__module__ == module:
            yield from _functions(vars(value), module)
        else:
            function = unwrapped(value)
            yield type(function) is type(unwrapped) and function.__module__ == module


def unwrapped(function: "Any") -> "Any":
    """The innermost function, whatever was wrapped around it since."""
    for _ in range(_DEEPEST):
        if not hasattr(function, "__wrapped__"):
            break
        function = function.__wrapped__
    return function


#: A mock has any attribute, and each of these has it, too.
_DEEPEST = 100


def names_in(function: "Any") -> "Tuple[str, ...]":
    """The global and attribute names in a function's code, whatever was wrapped around it; () if it has none."""
    inner = unwrapped(function)
    return inner.__code__.co_names if type(inner) is type(unwrapped) else ()

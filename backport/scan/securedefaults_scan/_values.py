"""What is known of the value of an expression, and of the state of the program at a point."""

from __future__ import annotations

import ast
from typing import Any, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Tuple, Union

from ._rules import BASES


class Value:
    """One thing that an expression may be. Two are equal if they are of one class and have one key."""

    __slots__ = ("_hash", "key")

    def __init__(self, *key: Any) -> None:
        self.key = key
        self._hash = hash((type(self), key))  # it is asked for all the time

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(self) is type(other) and self._hash == other._hash and self.key == other.key

    def __hash__(self) -> int:
        return self._hash


Values = FrozenSet[Value]
TUPLES = frozenset(["typing.NamedTuple", "collections.namedtuple"])
ENUMS = frozenset(["enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"])
Site = Tuple[Any, ...]


class Unknown(Value):
    """Anything; `foreign` if it comes from a library that has its own methods of the same names."""

    __slots__ = ()


UNKNOWN, FOREIGN = Unknown("unknown"), Unknown("foreign")
NOTHING: Values = frozenset()
ANYTHING: Values = frozenset([UNKNOWN])
STRANGER: Values = frozenset([FOREIGN])


class NoneValue(Value):
    """None. Where from: written here, the default of a parameter, or what an attribute is before it is set."""

    __slots__ = ()


WRITTEN, DEFAULTED, INITIAL = NoneValue("written"), NoneValue("defaulted"), NoneValue("initial")
#: not a value: the argument is not passed on some paths
ABSENT = Value("absent")


class Const(Value):
    """A constant; `passed` if it is what a call in this file passes for a parameter: then branches depend on it."""

    __slots__ = ()

    def __init__(self, value: Any, passed: bool = False) -> None:
        super().__init__(type(value), value, passed)

    @property
    def value(self) -> Any:
        return self.key[1]

    @property
    def passed(self) -> bool:
        return bool(self.key[2])


class HostPort(Value):
    """A string with host and port in one."""

    __slots__ = ()


class Symbol(Value):
    """Something imported, by its dotted name: a module, class, function or constant."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return str(self.key[0])


class Maybe(Value):
    """Perhaps a class of the standard library, by its dotted name."""

    __slots__ = ()


class Instance(Value):
    """An object of a class of the standard library's clients, or of one in this file, and where it was made."""

    __slots__ = ()

    def __init__(self, cls: Union[str, ClassInfo], site: Site) -> None:
        super().__init__(cls, site)

    @property
    def cls(self) -> Union[str, ClassInfo]:
        return self.key[0]  # type: ignore[no-any-return]

    @property
    def site(self) -> Site:
        return self.key[1]  # type: ignore[no-any-return]

    def as_seen_by(self, cls: Optional[ClassInfo]) -> Instance:
        """The same in a method of this class: if that is a derived one, the object is of that class."""
        if cls is None or not isinstance(self.cls, ClassInfo) or cls not in self.cls.heirs():
            return self
        return Instance(cls, self.site)

    def standard(self) -> List[str]:
        """Which of the standard library's clients it is."""
        return [self.cls] if isinstance(self.cls, str) else self.cls.standard()


class Method(Value):
    """A method, not of this file, of an object: (object, name)."""

    __slots__ = ()

    @property
    def owner(self) -> Value:
        return self.key[0]  # type: ignore[no-any-return]

    @property
    def name(self) -> str:
        return str(self.key[1])


class Context(Value):
    """An SSLContext, by where it was made, and its class if that is in this file. What it verifies is in the State."""

    __slots__ = ()

    def __init__(self, site: Site, cls: Optional[ClassInfo] = None) -> None:
        super().__init__(site, cls)

    @property
    def cls(self) -> Optional[ClassInfo]:
        return self.key[1]  # type: ignore[no-any-return]


class DefaultContext(Value):
    """The context that an entry point made for itself."""

    __slots__ = ()


class Mapping(Value):
    """A dict, by where it was made. What is in it is in the State."""

    __slots__ = ()


class Sequence(Value):
    """A list, tuple or set, likewise."""

    __slots__ = ()


class Class(Value):
    """A class of this file."""

    __slots__ = ()

    @property
    def info(self) -> ClassInfo:
        return self.key[0]  # type: ignore[no-any-return]


class Function(Value):
    """A function of this file, and the object that it is a method of, if it is bound."""

    __slots__ = ()

    def __init__(self, info: FunctionInfo, bound: Optional[Value] = None) -> None:
        super().__init__(info, bound)

    @property
    def info(self) -> FunctionInfo:
        return self.key[0]  # type: ignore[no-any-return]

    @property
    def bound(self) -> Optional[Value]:
        return self.key[1]  # type: ignore[no-any-return]


class Super(Value):
    """What super() returns: (class whose bases count, object)."""

    __slots__ = ()


class Partial(Value):
    """functools.partial(): (callables, arguments, the place of the call, whether it gets the object, as a method)."""

    __slots__ = ()

    def bound(self, owner: Value) -> Partial:
        """What an object has of a partialmethod()."""
        callables, args, node, is_method = self.key
        if not is_method:
            return self
        return Partial(callables, args._replace(positional=(frozenset([owner]), *args.positional)), node, False)


class Returning(Value):
    """A callable of which only that is known what it returns: (values,)."""

    __slots__ = ()


class Caller(Value):
    """operator.methodcaller(): (name, arguments)."""

    __slots__ = ()


class ClassInfo:
    """A class of this file.

    Attributes:
        attributes: what its body binds.
        fields: annotated names in their order, for dataclasses.
        written: by attribute, what each method leaves in it.
        subclasses: those of this file.
    """

    def __init__(self, node: ast.ClassDef, bases: List[Values], scope: Scope) -> None:
        self.node = node
        self.bases = bases
        self.scope = scope
        self.attributes: Dict[str, Values] = {}
        self.annotated: Dict[str, Values] = {}
        self.fields: List[str] = []
        self.written: Dict[str, Dict[str, Values]] = {}
        self.subclasses: List[ClassInfo] = []
        #: what is called when an attribute is set
        self.setters: Dict[str, FunctionInfo] = {}
        #: what is mocked in all of it, by dotted name
        self.mocked: List[str] = []

    def lineage(self) -> List[ClassInfo]:
        """This class and the bases of it that are in this file, nearest first."""
        found: List[ClassInfo] = []
        todo = [self]
        while todo:
            info = todo.pop(0)
            if info not in found:
                found.append(info)
                todo += [base.info for values in info.bases for base in values if isinstance(base, Class)]
        return found

    def heirs(self) -> List[ClassInfo]:
        """The classes of this file that are derived from it."""
        found: List[ClassInfo] = []
        todo = list(self.subclasses)
        while todo:
            info = todo.pop(0)
            if info not in found and info is not self:
                found.append(info)
                todo += info.subclasses
        return found

    def foundations(self) -> List[Value]:
        """The bases that are not in this file."""
        return [
            base for info in self.lineage() for values in info.bases for base in values if not isinstance(base, Class)
        ]

    def standard(self) -> List[str]:
        """Those of the standard library's clients."""
        return [base.name for base in self.foundations() if isinstance(base, Symbol) and base.name in BASES]

    def is_a(self, names: FrozenSet[str]) -> bool:
        """Whether it is derived from one of these classes of the standard library."""
        return any(isinstance(base, Symbol) and base.name in names for base in self.foundations())

    def all_fields(self) -> List[str]:
        """The fields of its bases, and its own."""
        return [name for each in reversed(self.lineage()) for name in each.fields]

    def members(self) -> Values:
        """Those of an Enum."""
        if not self.is_a(ENUMS):
            return NOTHING
        return NOTHING.union(
            *(frozenset(v for v in values if isinstance(v, (Instance, Const))) for values in self.attributes.values())
        )


def method_in(lineage: Iterable[ClassInfo], name: str) -> Optional[FunctionInfo]:
    """The first method of that name in these classes."""
    for info in lineage:
        for value in info.attributes.get(name, ()):
            if isinstance(value, Function):
                return value.info
    return None


class Scope:
    """The names around a function that is defined inside another."""

    def __init__(self, parent: Optional[Scope]) -> None:
        self.parent = parent
        self.names: Dict[str, Values] = {}


AnyFunction = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]


class FunctionInfo:
    """A function of this file; `kind` is "", "static", "class" or "property"."""

    def __init__(
        self, node: AnyFunction, scope: Scope, cls: Optional[ClassInfo], defaults: Dict[str, Values], kind: str
    ) -> None:
        self.node = node
        self.scope = scope
        self.cls = cls
        self.defaults = defaults
        self.kind = kind
        #: what it mocks, by dotted name
        self.mocked: List[str] = []

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "<lambda>")


class DictState(NamedTuple):
    """What is in a dict: under known keys, under others, and whether more may be in it that nobody knows."""

    known: Tuple[Tuple[Any, Values], ...] = ()
    rest: Values = NOTHING
    more: bool = False

    def get(self, key: Any) -> Optional[Values]:
        for known, values in self.known:
            if type(known) is type(key) and known == key:
                return values
        return None

    def put(self, key: Any, values: Values) -> DictState:
        kept = tuple(item for item in self.known if not (type(item[0]) is type(key) and item[0] == key))
        return self._replace(known=(*kept, (key, values)))

    def all(self) -> Values:
        found = set(self.rest)
        for _, values in self.known:
            found |= values
        found.discard(ABSENT)
        return frozenset(found)


class SequenceState(NamedTuple):
    """What is in a sequence: each item if they are known, else all of them together."""

    items: Optional[Tuple[Values, ...]]
    rest: Values = NOTHING

    def all(self) -> Values:
        return self.rest.union(*(self.items or ()))


class State:
    """What is known at a point: local names, and everything else by key.

    Keys are ("global", name), ("attribute", object, name), ("symbol", dotted name) and ("object", Value). `base` is
    what the module's own code leaves behind, for functions that are called later.
    """

    __slots__ = ("base", "dead", "heap", "names")

    def __init__(
        self,
        names: Optional[Dict[str, Values]] = None,
        heap: Optional[Dict[Site, Any]] = None,
        base: Optional[Dict[Site, Any]] = None,
        dead: bool = False,
    ) -> None:
        self.names = {} if names is None else names
        self.heap = {} if heap is None else heap
        self.base = base
        self.dead = dead

    def fork(self) -> State:
        return State(dict(self.names), dict(self.heap), self.base, self.dead)

    def get(self, key: Site) -> Any:
        found = self.heap.get(key)
        if found is None and self.base is not None:
            found = self.base.get(key)
        return found

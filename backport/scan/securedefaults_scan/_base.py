"""What the reading of a file goes through, and what is asked of that: names, attributes, what tests have told."""

from __future__ import annotations

import ast
from typing import Any, Dict, FrozenSet, Iterable, List, Optional, Tuple

from ._paths import NOWHERE, PATHS, Choice, Paths, Subject, chosen, outliving
from ._syntax import index_of
from ._values import (
    ANYTHING,
    INITIAL,
    NOTHING,
    WRITTEN,
    ClassInfo,
    Const,
    FunctionInfo,
    HostPort,
    Instance,
    NoneValue,
    Scope,
    Site,
    State,
    Symbol,
    Value,
    Values,
)

#: more alternatives than these are not told apart
_MOST = 24

SELF: Site = ("self",)
#: the local name of what a function returns
RESULT = "<return>"
#: in the heap of a State: the conditions on the way here that are wishes, by place, and how they came out
WISHES: Site = ("wishes",)


def one(value: Value) -> Values:
    return frozenset([value])


def union(alternatives: Iterable[Values]) -> Values:
    found = NOTHING.union(*alternatives)
    if len(found) <= _MOST:
        return found
    return frozenset(value for value in found if not isinstance(value, (Const, HostPort))) | ANYTHING


class Frame:
    """A function that is being read."""

    def __init__(self, function: Optional[FunctionInfo], scope: Scope, cls: Optional[ClassInfo]) -> None:
        self.function = function
        self.scope = scope
        self.cls = cls
        self.itself: Optional[Value] = None
        #: the call that is being followed
        self.called_from: Any = None
        self.globals: set[str] = set()
        #: names that are the enclosing function's
        self.nonlocals: set[str] = set()
        self.returned: List[Values] = []
        self.left: List[State] = []
        #: of a context manager, the states in which the block below `with` begins
        self.yielded: List[State] = []
        #: by loop, the states at continue and at break
        self.loops: List[Tuple[List[State], List[State]]] = []
        self.is_module = function is None and cls is None
        #: names of its own *args and **kwargs
        self.stars: set[str] = set()


class Base:
    """What is shared by the readers of expressions, calls and statements."""

    def __init__(self) -> None:
        self.state = State()
        self.frame = Frame(None, Scope(None), None)
        #: the calls that led into the function that is being read
        self.stack: List[Tuple[int, int]] = []
        self.active: List[FunctionInfo] = []
        self.classes: List[ClassInfo] = []
        #: by global name, what each function leaves in it
        self.global_writes: Dict[str, Dict[str, Values]] = {}
        #: objects of the reading before, which are still in attributes and globals
        self.remembered: Dict[Site, Any] = {}
        #: what the last context manager that was entered makes of objects in the end
        self.leaving: Dict[Site, Any] = {}
        #: on what the value depends that the last call returned
        self.result: Choice = ()
        #: by attribute or global, on what its value depends, and the function that leaves it so
        self.lasting: Dict[Subject, Tuple[str, Choice]] = {}

    def site(self, node: ast.AST, *more: Any) -> Site:
        """The place of a node, told apart by the calls that led to it."""
        place = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        return (*place, type(node).__name__, *more, tuple(self.stack[-2:]))

    # Names

    def lookup(self, name: str) -> Values:
        """What a name may be here."""
        frame = self.frame
        if name not in frame.globals and not frame.is_module:
            if name in self.state.names:
                return self.on_this_path(("local", frame, name), self.state.names[name])
            scope: Optional[Scope] = frame.scope
            while scope is not None:
                if name in scope.names:
                    return scope.names[name]
                scope = scope.parent
        found = self._global(name)
        return one(Symbol("builtins." + name)) if found is None else found

    def _global(self, name: str) -> Optional[Values]:
        own: Optional[Values] = self.state.heap.get(("global", name))
        if own is not None:
            return self.on_this_path(("global", name), own)
        base: Optional[Values] = None if self.state.base is None else self.state.base.get(("global", name))
        written = self._written_globally(name) if self.state.base is not None else NOTHING
        if base is None:
            return written or None
        return self.lasting_values(("global", name)) or union([_initial(base) if written - base else base, written])

    def _written_globally(self, name: str) -> Values:
        return union(self.global_writes.get(name, {}).values())

    def bind(self, name: str, values: Values) -> None:
        """Give a name a value."""
        if self.frame.is_module or name in self.frame.globals:
            self.state.heap["global", name] = values
            self.forget(("global", name))
        else:
            self.state.names[name] = values
            self.forget(("local", self.frame, name))

    # Conditions that belong together

    @property
    def paths(self) -> Paths:
        """How this place was reached."""
        found: Paths = self.state.heap.get(PATHS, NOWHERE)
        return found

    def forget(self, key: Subject) -> None:
        """What was known of this is so no longer."""
        paths = self.paths
        if key in paths.about or key in paths.choices:
            self.state.heap[PATHS] = paths.without(lambda each: each == key)

    def forget_frame(self, frame: Frame) -> Choice:
        """A function has come back. What it returns may depend on what is not its own."""

        def is_local(key: Subject) -> bool:
            return key[0] == "local" and key[1] is frame

        paths = self.paths
        if any(is_local(key) for key in (*paths.about, *paths.choices)):
            self.state.heap[PATHS] = paths.without(is_local)
        return outliving(paths.choices.get(("local", frame, RESULT), ()), is_local)

    def on_this_path(self, key: Subject, values: Values) -> Values:
        """Those of the values that something may have here."""
        if PATHS not in self.state.heap:
            return values
        choice = self.paths.choices.get(key)
        return values if choice is None else (chosen(choice, self.paths.facts) & values) or values

    def lasting_values(self, key: Subject) -> Values:
        """What an attribute or a global of another function may be here; empty if that depends on nothing."""
        if key not in self.lasting or not self.paths.facts:
            return NOTHING
        writer, choice = self.lasting[key]
        reliable = tuple(
            (frozenset(fact for fact in facts if self._writers(fact.subject) <= {writer}), values)
            for facts, values in choice
        )
        if not self._writers(key) <= {writer}:
            return NOTHING
        return chosen(reliable, self.paths.facts)

    def _writers(self, key: Subject) -> FrozenSet[str]:
        """The functions that write to it."""
        if key[0] == "global":
            return frozenset(self.global_writes.get(key[1], ()))
        if key[0] == "attribute" and isinstance(key[1], Instance) and isinstance(key[1].cls, ClassInfo):
            family = [*key[1].cls.lineage(), *key[1].cls.heirs()]
            return frozenset(where for info in family for where in info.written.get(key[2], ()))
        return frozenset(["somebody"])

    def subject_of(self, node: ast.expr) -> Optional[Subject]:
        """What a test of this is about."""
        if isinstance(node, ast.Name):
            if self.frame.is_module or node.id in self.frame.globals:
                return ("global", node.id)
            if node.id in self.state.names:
                return ("local", self.frame, node.id)
            return None if self._is_around(node.id) else ("global", node.id)
        if isinstance(node, ast.Attribute):
            owners = self.lookup(node.value.id) if isinstance(node.value, ast.Name) else NOTHING
            if len(owners) == 1 and isinstance(next(iter(owners)), Instance):
                return ("attribute", next(iter(owners)), node.attr)
            return self._part(node.value, node.attr)
        if isinstance(node, ast.Subscript):
            index = index_of(node)
            return self._part(node.value, ("item", index.value)) if isinstance(index, ast.Constant) else None
        return None

    def _part(self, node: ast.expr, name: object) -> Optional[Subject]:
        whole = self.subject_of(node)
        return None if whole is None else ("part", whole, name)

    def _is_around(self, name: str) -> bool:
        scope: Optional[Scope] = self.frame.scope
        while scope is not None:
            if name in scope.names:
                return True
            scope = scope.parent
        return False

    # Attributes

    def kept(self, owner: Value, name: str) -> Values:
        """What the methods of its class leave in an attribute."""
        if not isinstance(owner, Instance) or not isinstance(owner.cls, ClassInfo):
            return NOTHING
        lineage = owner.cls.lineage()
        family = [*lineage, *(owner.cls.heirs() if owner.site == SELF else ())]
        groups = [values for info in family for values in info.written.get(name, {}).values()]
        groups += [info.attributes[name] for info in family if name in info.attributes]
        if owner.site == SELF:  # a field may be given another value than its default
            groups += [info.annotated[name] for info in family if name in info.fields and name in info.annotated]
        if all(value in (WRITTEN, INITIAL) for values in groups for value in values):
            # nothing is left there, or None at first; the annotation says what comes
            groups += [info.annotated[name] for info in family if name in info.annotated]
        found = union(groups)
        if any(not isinstance(value, NoneValue) for value in found):
            groups = [_initial(values) for values in groups]
        return union(groups)

    def write_attribute(self, owner: Value, name: str, values: Values) -> None:
        self.state.heap["attribute", owner, name] = values
        self.forget(("attribute", owner, name))

    # Implemented further down

    def eval(self, node: Optional[ast.AST]) -> Values:
        raise NotImplementedError

    def attribute(self, values: Values, name: str, node: ast.AST) -> Values:
        raise NotImplementedError

    def method_call(self, owner: Instance, name: str, arguments: List[Values]) -> Optional[Values]:
        """What a method of this file returns; None if there is no such method."""
        raise NotImplementedError


def _initial(values: Values) -> Values:
    """None alone is what something is before it gets its value."""
    return one(INITIAL) if values == {WRITTEN} else values


def constants_of(values: Values) -> Optional[List[Any]]:
    """The constants, if they are nothing else."""
    found = [value.value for value in values if isinstance(value, Const)]
    others = [value for value in values if not isinstance(value, (Const, HostPort, NoneValue))]
    return found if found and not others else None

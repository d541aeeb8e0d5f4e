"""What an annotation says of a value."""

from __future__ import annotations

import ast
from typing import Optional

from ._base import SELF, one, union
from ._calls import Calls
from ._names import outcome
from ._rules import BASES
from ._syntax import index_of, last_name
from ._values import (
    NOTHING,
    STRANGER,
    UNKNOWN,
    Class,
    DictState,
    Instance,
    Mapping,
    Returning,
    Sequence,
    SequenceState,
    Symbol,
    Values,
)

_TRANSPARENT = {"Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "InitVar"}
_ITERABLES = {
    *("List", "list", "Sequence", "Iterable", "Iterator", "Tuple", "tuple", "Set", "set", "Deque", "deque"),
    *("Generator", "AsyncIterator", "Collection", "FrozenSet", "frozenset", "MutableSequence", "Queue"),
}
_MAPPINGS = {"Dict", "dict", "Mapping", "MutableMapping", "DefaultDict", "defaultdict", "OrderedDict"}
_ENTERED = {"ContextManager", "AbstractContextManager", "AsyncContextManager", "Awaitable", "Coroutine"}


class Annotations(Calls):
    """Reads annotations."""

    def annotation(self, node: Optional[ast.expr]) -> Values:
        """What something with this annotation is; empty if it says nothing that matters."""
        if node is None:
            return NOTHING
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value.strip(), mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return NOTHING
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.annotation(node.left) | self.annotation(node.right)
        if isinstance(node, ast.Subscript):
            return self._subscripted(node)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return union(self._of_class(value) for value in self.eval(node))
        return NOTHING

    def _of_class(self, value: object) -> Values:
        if isinstance(value, Symbol):
            if value.name in BASES:
                return one(Instance(value.name, ("annotation",)))
            return STRANGER if outcome(value.name) != UNKNOWN else NOTHING
        if isinstance(value, Class):
            return one(Instance(value.info, SELF))
        return NOTHING

    def _subscripted(self, node: ast.Subscript) -> Values:
        name = last_name(node.value)
        index = index_of(node)
        arguments = list(index.elts) if isinstance(index, ast.Tuple) else [index]
        if name == "Annotated":
            arguments = arguments[:1]
        if name in _TRANSPARENT or name in _ENTERED:
            return union(self.annotation(argument) for argument in arguments)
        if name in ("Type", "type"):
            return union(self._classes(argument) for argument in arguments)
        if name == "Callable" and len(arguments) == 2:
            returned = self.annotation(arguments[1])
            return one(Returning(returned)) if returned else NOTHING
        inner = union(self.annotation(argument) for argument in arguments)
        if not inner:
            return NOTHING
        if name in _ITERABLES:
            return self.new(Sequence(self.site(node)), SequenceState(None, inner))
        if name in _MAPPINGS:
            return self.new(Mapping(self.site(node)), DictState((), inner, False))
        return NOTHING

    def _classes(self, node: ast.expr) -> Values:
        """The classes whose objects have this annotation."""
        found = [value.cls for value in self.annotation(node) if isinstance(value, Instance)]
        return frozenset(Symbol(cls) if isinstance(cls, str) else Class(cls) for cls in found)

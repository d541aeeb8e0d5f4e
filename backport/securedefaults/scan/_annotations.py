"""What an annotation says of a value."""

from __future__ import annotations

import ast
from typing import Optional

from ._base import SELF, one, union
from ._calls import Calls
from ._names import outcome
from ._rules import BASES
from ._values import (
    NOTHING,
    STRANGER,
    UNKNOWN,
    Class,
    DictState,
    Instance,
    Mapping,
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
            return STRANGER if self._strange(value.name) else NOTHING
        if isinstance(value, Class):
            return one(Instance(value.info, SELF))
        return NOTHING

    def _strange(self, name: str) -> bool:
        return outcome(name) != UNKNOWN

    def _subscripted(self, node: ast.Subscript) -> Values:
        name = getattr(node.value, "attr", getattr(node.value, "id", ""))
        index = node.slice
        if type(index).__name__ == "Index":
            index = index.value  # type: ignore[attr-defined]
        arguments = list(index.elts) if isinstance(index, ast.Tuple) else [index]
        arguments = [argument for argument in arguments if isinstance(argument, ast.expr)]
        if name == "Annotated":
            arguments = arguments[:1]
        if name in _TRANSPARENT or name in _ENTERED:
            return union(self.annotation(argument) for argument in arguments)
        if name in ("Type", "type"):
            return union(self._classes(argument) for argument in arguments)
        if name == "Callable" and arguments:
            return NOTHING
        inner = union(self.annotation(argument) for argument in arguments)
        if not inner:
            return NOTHING
        if name in _ITERABLES:
            return self.new(Sequence(self.site(node)), SequenceState(None, inner))
        if name in _MAPPINGS:
            return self.new(Mapping(self.site(node)), DictState((), inner, False))
        return NOTHING

    def _classes(self, node: ast.expr) -> Values:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value.strip(), mode="eval").body
            except (SyntaxError, ValueError):
                return NOTHING
        if isinstance(node, ast.BinOp):
            return self._classes(node.left) | self._classes(node.right)
        if isinstance(node, ast.Subscript):
            index = node.slice
            if type(index).__name__ == "Index":
                index = index.value  # type: ignore[attr-defined]
            parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
            return union(self._classes(part) for part in parts if isinstance(part, ast.expr))
        values = self.eval(node) if isinstance(node, (ast.Name, ast.Attribute)) else NOTHING
        return frozenset(
            value for value in values if isinstance(value, Class) or (isinstance(value, Symbol) and value.name in BASES)
        )

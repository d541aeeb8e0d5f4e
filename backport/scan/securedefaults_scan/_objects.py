"""Objects: contexts, dicts, lists and what else has contents that are known."""

from __future__ import annotations

from typing import Any, Optional, Tuple

from ._base import one, union
from ._contexts import UNCERTAIN, ContextState, escaped
from ._joins import Joins
from ._paths import PATHS
from ._values import (
    ANYTHING,
    NOTHING,
    TUPLES,
    Class,
    ClassInfo,
    Const,
    Context,
    DictState,
    Instance,
    Mapping,
    Sequence,
    SequenceState,
    Unknown,
    Value,
    Values,
)


class Objects(Joins):
    """Knows what is in them."""

    def new(self, value: Value, state: Any) -> Values:
        self.state.heap["object", value] = state
        return one(value)

    def object(self, value: Value) -> Any:
        """What is known of an object: here, or from the reading before."""
        key = "object", value
        found = self.state.heap.get(key)
        if found is not None:
            return found
        found, before = (self.state.base or {}).get(key), self.remembered.get(key)
        if found is None or before is None or found == before:
            return before if found is None else found
        return self._joined(key, found, before)  # other functions may change it, also those that come later

    def context(self, value: Context) -> ContextState:
        found: Optional[ContextState] = self.object(value)
        return found or UNCERTAIN

    def dict_(self, value: Mapping) -> DictState:
        found: Optional[DictState] = self.object(value)
        return found or DictState(more=True)

    def entries(self, value: Mapping) -> DictState:
        """What is in a dict here."""
        state = self.dict_(value)
        if not any(key[0] == "entry" for key in self.paths.choices):
            return state
        known = tuple((name, self.on_this_path(("entry", value, name), values)) for name, values in state.known)
        return state._replace(known=known)

    def sequence(self, value: Sequence) -> SequenceState:
        found: Optional[SequenceState] = self.object(value)
        return found or SequenceState(None, ANYTHING)

    def put(self, value: Value, state: Any) -> None:
        self.state.heap["object", value] = state
        if isinstance(value, Mapping) and any(key[:2] == ("entry", value) for key in self.paths.choices):
            self.state.heap[PATHS] = self.paths.without(lambda key: key[:2] == ("entry", value))

    def elements(self, values: Values) -> Values:
        """What iterating over these gives."""
        found = []
        for value in values:
            if isinstance(value, Sequence):
                found.append(self.sequence(value).all())
            elif isinstance(value, Mapping):
                found.append(frozenset(Const(key) for key, _ in self.dict_(value).known))
            elif isinstance(value, Unknown):
                found.append(one(value))
            elif isinstance(value, Class):
                found.append(value.info.members())
            elif isinstance(value, Instance):
                found.append(self._iterated(value))
        return union(found) or ANYTHING

    def _iterated(self, value: Instance) -> Values:
        items = self.items_of(value)
        if items is not None:
            return union(items)
        iterator = self.method_call(value, "__iter__", []) or NOTHING
        if any(isinstance(each, Instance) for each in iterator):
            return self.method_call(value, "__next__", []) or ANYTHING
        return self.elements(iterator)

    def items_of(self, value: Value) -> Optional[Tuple[Values, ...]]:
        """The items of a sequence, or of a named tuple, if they are known one by one."""
        if isinstance(value, Sequence):
            return self.sequence(value).items
        if isinstance(value, Instance) and isinstance(value.cls, ClassInfo) and value.cls.is_a(TUPLES):
            return tuple(self.attribute(one(value), name, value.cls.node) for name in value.cls.all_fields())
        return None

    def escape(self, values: Values) -> None:
        """Code that cannot be seen gets hold of these."""
        for value in values:
            if isinstance(value, Context):
                self.put(value, escaped(self.context(value)))
            elif isinstance(value, Mapping):
                state = self.dict_(value)
                if not state.more:
                    self.put(value, state._replace(more=True))

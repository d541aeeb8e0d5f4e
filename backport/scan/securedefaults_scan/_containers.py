"""Lists, tuples, sets and dicts; assignment, which takes them apart."""

from __future__ import annotations

import ast
import itertools
from typing import Any, Dict, List, Optional

from ._attributes import Attributes
from ._base import constants_of, one, union
from ._names import symbol
from ._paths import NOWHERE
from ._syntax import Place, index_of
from ._values import (
    ABSENT,
    ANYTHING,
    NOTHING,
    Class,
    DictState,
    Instance,
    Mapping,
    NoneValue,
    Sequence,
    SequenceState,
    Symbol,
    Unknown,
    Value,
    Values,
)


class Containers(Attributes):
    """Reads what is in containers, and puts it there."""

    def __init__(self) -> None:
        super().__init__()
        #: dicts, and where they were written down
        self.written_dicts: Dict[Value, Place] = {}

    # Written down

    def eval_Tuple(self, node: ast.Tuple) -> Values:
        return self._sequence(node, node.elts)

    eval_List = eval_Set = eval_Tuple  # noqa: N815

    def _sequence(self, node: ast.AST, elements: List[ast.expr]) -> Values:
        items: Optional[List[Values]] = []
        rest = NOTHING
        for element in elements:
            values = self.eval(element)
            if isinstance(element, ast.Starred):
                known = [self.sequence(v).items for v in values if isinstance(v, Sequence)]
                if items is not None and len(values) == 1 and known and known[0] is not None:
                    items += known[0]
                    continue
                rest |= self.elements(values) | (union(items) if items else NOTHING)
                items = None
            elif items is None:
                rest |= values
            else:
                items.append(values)
        state = SequenceState(None if items is None else tuple(items), rest)
        return self.new(Sequence(self.site(node)), state)

    def eval_Dict(self, node: ast.Dict) -> Values:
        state = DictState()
        for key, value in zip(node.keys, node.values):
            if key is None:
                for each in self.eval(value):
                    state = self._updated(state, each)
                continue
            keys, values = self.eval(key), self.eval(value)
            constants = constants_of(keys)
            if constants and len(constants) == 1:
                state = state.put(constants[0], values)
            else:
                state = state._replace(rest=state.rest | values)
        return self.written_down(node, state)

    def written_down(self, node: Place, state: DictState) -> Values:
        """A dict with this in it."""
        self.saw_dict(node, state)
        made = Mapping(self.site(node))
        self.written_dicts[made] = node
        return self.new(made, state)

    def _updated(self, state: DictState, other: Value) -> DictState:
        """`state` with what is in `other` over it."""
        if not isinstance(other, Mapping):
            return state if isinstance(other, NoneValue) else state._replace(more=True)
        more = self.entries(other)
        for key, values in more.known:
            if ABSENT in values:
                values = (values - one(ABSENT)) | (state.get(key) or one(ABSENT))
            state = state.put(key, values)
        return state._replace(rest=state.rest | more.rest, more=state.more or more.more)

    def _merged(self, node: ast.AST, states: List[DictState], more: bool) -> Values:
        result = DictState(more=more)
        for state in states:
            for key, values in state.known:
                result = result.put(key, values)
            result = result._replace(rest=result.rest | state.rest, more=result.more or state.more)
        return self.new(Mapping(self.site(node)), result)

    def _added(self, left: Values, right: Values, node: ast.AST) -> Values:
        found = NOTHING
        for a, b in itertools.product(left, right):
            if isinstance(a, Sequence) and isinstance(b, Sequence):
                one_, two = self.sequence(a), self.sequence(b)
                items = None if one_.items is None or two.items is None else one_.items + two.items
                state = SequenceState(items) if items is not None else SequenceState(None, one_.all() | two.all())
                found |= self.new(Sequence(self.site(node)), state)
        return found

    def saw_dict(self, node: Place, state: DictState) -> None:
        """A dict was written down there, and may have been added to since then."""

    # Comprehensions

    def eval_ListComp(self, node: ast.ListComp) -> Values:
        values = self._comprehended(node.generators, node.elt)
        return self.new(Sequence(self.site(node)), SequenceState(None, values))

    eval_SetComp = eval_GeneratorExp = eval_ListComp  # noqa: N815

    def eval_DictComp(self, node: ast.DictComp) -> Values:
        self._comprehended(node.generators, node.key)
        values = self._comprehended(node.generators, node.value)
        return self.new(Mapping(self.site(node)), DictState((), values))

    def _comprehended(self, generators: List[ast.comprehension], element: ast.expr) -> Values:
        for generator in generators:
            self.assign(generator.target, self.elements(self.eval(generator.iter)))
            for test in generator.ifs:
                self.eval(test)
        return self.eval(element)

    # Items

    def eval_Subscript(self, node: ast.Subscript) -> Values:
        owners = self.eval(node.value)
        index = index_of(node)
        if isinstance(index, ast.Slice):
            self.eval(index)
            return frozenset(value for value in owners if isinstance(value, (Sequence, Unknown))) or ANYTHING
        keys = self.eval(index)
        return union(self._item(owner, keys) for owner in owners) or ANYTHING

    def _item(self, owner: Value, keys: Values) -> Values:
        constants = constants_of(keys)
        if isinstance(owner, Mapping):
            state = self.dict_(owner)
            if constants is None:
                return state.all() | (ANYTHING if state.more else NOTHING)
            found = [state.get(key) for key in constants]
            known = union(values - one(ABSENT) for values in found if values is not None)
            return known | state.rest or ANYTHING
        items = self.items_of(owner)
        if items is not None and constants:
            return union(
                items[key] if isinstance(key, int) and -len(items) <= key < len(items) else NOTHING for key in constants
            )
        if isinstance(owner, Sequence):
            return self.sequence(owner).all() or ANYTHING
        if isinstance(owner, Symbol) and owner.name == "sys.modules" and constants:
            return frozenset(symbol(str(key)) for key in constants)
        if isinstance(owner, (Symbol, Class)):
            return self._class_item(owner, constants, keys)
        if isinstance(owner, Instance):
            got = self.method_call(owner, "__getitem__", [keys])
            return got if got is not None else ANYTHING
        return one(owner) if isinstance(owner, Unknown) else ANYTHING

    def _class_item(self, owner: Value, constants: Optional[List[Any]], keys: Values) -> Values:
        if isinstance(owner, Class) and constants:  # a member of an Enum by its name
            found = [owner.info.attributes.get(str(key)) for key in constants]
            return union(values for values in found if values) or ANYTHING
        if isinstance(owner, Class):
            return owner.info.members() or one(owner)  # Generic[...]
        if isinstance(owner, Symbol) and owner.name in ("typing.Union", "typing.Optional"):
            return union(self.elements(one(key)) if isinstance(key, Sequence) else one(key) for key in keys)
        return ANYTHING

    # Assignment

    def assign(self, target: ast.AST, values: Values) -> None:
        """Store values in a target."""
        if isinstance(target, ast.Name):
            self.bind(target.id, values)
        elif isinstance(target, ast.Attribute):
            self._forget_part(target)
            for owner in self.eval(target.value):
                self.store_attribute(owner, target.attr, values, target)
        elif isinstance(target, ast.Subscript):
            self._forget_part(target)
            self._store_item(target, values)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, self.new(Sequence(self.site(target)), SequenceState(None, values)))
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, values)

    def _forget_part(self, target: ast.expr) -> None:
        subject = self.subject_of(target) if self.paths is not NOWHERE else None
        if subject is not None:
            self.forget(subject)

    def _unpack(self, targets: List[ast.expr], values: Values) -> None:
        columns: List[List[Values]] = [[] for _ in targets]
        starred = any(isinstance(target, ast.Starred) for target in targets)
        for value in values:
            items = self.items_of(value)
            if items is not None and len(items) == len(targets) and not starred:
                for column, item in zip(columns, items):
                    column.append(item)
            else:
                for column in columns:
                    column.append(self.elements(one(value)))
        for target, found in zip(targets, columns):
            self.assign(target, union(found) or ANYTHING)

    def _store_item(self, target: ast.Subscript, values: Values) -> None:
        owners = self.eval(target.value)
        index = index_of(target)
        constants = None if isinstance(index, ast.Slice) else constants_of(self.eval(index))
        for owner in owners:
            if isinstance(owner, Mapping):
                state = self.dict_(owner)
                if constants and len(constants) == 1 and len(owners) == 1:
                    state = state.put(constants[0], values)
                    self.put(owner, state)
                    if owner in self.written_dicts:
                        self.saw_dict(self.written_dicts[owner], state)
                else:
                    self.put(owner, state._replace(rest=state.rest | values))
            elif isinstance(owner, Sequence):
                self.put(owner, SequenceState(None, self.sequence(owner).all() | values))
            elif isinstance(owner, Symbol) and owner.name == "sys.modules" and constants:
                self.state.heap["symbol", str(constants[0])] = values

"""Where paths come together: what may be the case after any of them."""

from __future__ import annotations

from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Tuple

from ._base import WISHES, Base, one, union
from ._contexts import ContextState, weakness
from ._paths import NOWHERE, PATHS, Subject, is_telling, join_paths
from ._values import ABSENT, DictState, SequenceState, Site, State, Values

_NO_WISHES: FrozenSet[Tuple[Any, bool]] = frozenset()
_OF_ITS_OWN = (PATHS, WISHES)


class Joins(Base):
    """Goes several ways, and joins their ends."""

    def branches(self, alternatives: Iterable[Callable[[], None]]) -> None:
        """Run each from the same state, and go on with what may be the case after any of them."""
        before = self.state
        after = []
        for run in alternatives:
            self.state = before.fork()
            run()
            after.append(self.state)
        self.state = self.join(after)

    def join(self, states: List[State]) -> State:
        """What may be the case after any of these."""
        alive = [state for state in states if not state.dead]
        if not alive:
            return states[0]
        result = alive[0]
        for state in alive[1:]:
            result = self._join(result, state)
        return result

    def _join(self, a: State, b: State) -> State:
        names = dict(a.names)
        changed: Dict[Subject, Tuple[Values, Values]] = {}
        ways = a.heap.get(PATHS, NOWHERE), b.heap.get(PATHS, NOWHERE)
        telling = is_telling(*ways)
        for name, values in b.names.items():
            present = names.get(name)
            if present is not values:
                if telling and present is not None and present != values:
                    changed["local", self.frame, name] = present, values
                names[name] = values if present is None or present == values else union([present, values])
        heap = dict(a.heap)
        base = a.base or {}
        for key, right in b.heap.items():
            left = a.heap.get(key)
            if left is None:
                left = base.get(key)
            if left is not right and key not in _OF_ITS_OWN:
                heap[key] = self._joined(key, *_wished(a, b, left, right))
                if telling:
                    self._note_change(changed, key, left, right)
        if len(a.heap) + len(b.heap) != 2 * len(heap):
            for key in [key for key in a.heap if key not in b.heap]:
                left, other = a.heap[key], base.get(key)
                if left is not other and key not in _OF_ITS_OWN:
                    heap[key] = self._joined(key, *_wished(a, b, left, other))
                    if telling:
                        self._note_change(changed, key, left, other)
        if a.heap.get(WISHES) != b.heap.get(WISHES):
            heap[WISHES] = a.heap.get(WISHES, _NO_WISHES) & b.heap.get(WISHES, _NO_WISHES)
        if PATHS in a.heap or PATHS in b.heap:
            heap[PATHS] = join_paths(*ways, changed)
        return State(names, heap, a.base)

    def _note_change(self, changed: Dict[Subject, Tuple[Values, Values]], key: Site, left: Any, right: Any) -> None:
        if isinstance(left, DictState) and isinstance(right, DictState):
            for name in {each for each, _ in (*left.known, *right.known)}:
                pair = left.get(name) or one(ABSENT), right.get(name) or one(ABSENT)
                if pair[0] != pair[1]:
                    changed["entry", key[1], name] = pair
        if key[0] not in ("global", "attribute"):
            return
        if left is None or right is None:
            before = self._written_globally(key[1]) if key[0] == "global" else self.kept(key[1], key[2])
            left, right = before if left is None else left, before if right is None else right
        changed[key] = left, right

    def _joined(self, key: Site, left: Any, right: Any) -> Any:
        if left is None or right is None:
            present = right if left is None else left
            if key[0] == "attribute":
                return union([present, self.kept(key[1], key[2])])
            if key[0] == "global":
                return union([present, self._written_globally(key[1])])
            return present
        if isinstance(left, ContextState):
            return left.joined(right)
        if isinstance(left, DictState):
            return join_dicts(left, right)
        if isinstance(left, SequenceState):
            return _join_sequences(left, right)
        return union([left, right])


def _wished(a: State, b: State, left: Any, right: Any) -> Tuple[Any, Any]:
    """What two paths have made of an object: a context that is weak on one of them only may be so on request."""
    contexts = [each for each in (left, right) if isinstance(each, ContextState)]
    if not contexts or (all(weakness(each) is not None for each in contexts) and len(contexts) == 2):
        return left, right
    ways = a.heap.get(WISHES, _NO_WISHES), b.heap.get(WISHES, _NO_WISHES)
    if isinstance(left, ContextState) and ways[0] - ways[1]:
        left = left.on_request()
    if isinstance(right, ContextState) and ways[1] - ways[0]:
        right = right.on_request()
    return left, right


def join_dicts(a: DictState, b: DictState) -> DictState:
    keys = [key for key, _ in a.known]
    keys += [key for key, _ in b.known if a.get(key) is None]
    known = []
    for key in keys:
        left, right = a.get(key), b.get(key)
        known.append((key, union([left or one(ABSENT), right or one(ABSENT)])))
    return DictState(tuple(known), a.rest | b.rest, a.more or b.more)


def _join_sequences(a: SequenceState, b: SequenceState) -> SequenceState:
    if a.items is not None and b.items is not None and len(a.items) == len(b.items):
        return SequenceState(tuple(union(pair) for pair in zip(a.items, b.items)), a.rest | b.rest)
    return SequenceState(None, a.all() | b.all())

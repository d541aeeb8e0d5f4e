"""The state that the reading of a file goes through, and what is asked of it: names, attributes, branches."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Optional, Tuple

from ._contexts import UNCERTAIN, ContextState, escaped, weakness
from ._paths import NOWHERE, PATHS, Choice, Paths, Subject, chosen, is_telling, join_paths, outliving
from ._syntax import index_of
from ._values import (
    ABSENT,
    ANYTHING,
    INITIAL,
    NOTHING,
    TUPLES,
    WRITTEN,
    Class,
    ClassInfo,
    Const,
    Context,
    DictState,
    FunctionInfo,
    HostPort,
    Instance,
    Mapping,
    NoneValue,
    Scope,
    Sequence,
    SequenceState,
    Site,
    State,
    Symbol,
    Unknown,
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
_NO_WISHES: FrozenSet[Tuple[Any, bool]] = frozenset()
_OF_ITS_OWN = (PATHS, WISHES)


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
        #: on what the value depends that the last call returned
        self.result: Choice = ()
        #: by attribute or global, on what its value depends, and the function that leaves it so
        self.lasting: Dict[Subject, Tuple[str, Choice]] = {}

    def site(self, node: ast.AST, *more: Any) -> Site:
        """The place of a node, told apart by the calls that led to it."""
        place = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        return (*place, type(node).__name__, *more, tuple(self.stack[-2:]))

    # Branches

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

    # Objects

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


def constants_of(values: Values) -> Optional[List[Any]]:
    """The constants, if they are nothing else."""
    found = [value.value for value in values if isinstance(value, Const)]
    others = [value for value in values if not isinstance(value, (Const, HostPort, NoneValue))]
    return found if found and not others else None

"""Functions and classes of the file: where they are defined, and where they are called."""

from __future__ import annotations

import ast
from typing import Any, Dict, FrozenSet, List, Optional, Set, Union
from typing import Sequence as Many

from ._arguments import Args
from ._base import RESULT, SELF, Frame, one, union
from ._mocks import Mocks
from ._syntax import Place, ast_text, is_generator, key_of
from ._values import (
    ABSENT,
    ANYTHING,
    ENUMS,
    NOTHING,
    UNKNOWN,
    WRITTEN,
    Class,
    ClassInfo,
    Const,
    DictState,
    Function,
    FunctionInfo,
    Instance,
    Mapping,
    NoneValue,
    Scope,
    Sequence,
    SequenceState,
    Value,
    Values,
)

#: how deep calls are followed
_DEEPEST = 7
Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]
_KINDS = {
    "staticmethod": "static",
    "classmethod": "class",
    "property": "property",
    "cached_property": "property",
    "abstractproperty": "property",
    "reify": "property",
    "lazy": "property",
    "setter": "setter",
    "deleter": "deleter",
    "contextmanager": "manager",
    "asynccontextmanager": "manager",
    "fixture": "manager",
}


class Functions(Mocks):
    """Reads functions, and classes."""

    def __init__(self) -> None:
        super().__init__()
        self.budget = 0
        #: classes, by place, with what their methods left in attributes, the last time
        self._written: Dict[Any, Any] = {}
        self.functions: List[FunctionInfo] = []
        self._defined: Set[int] = set()
        self.inner: Optional[_Inner] = None
        self._relevant: FrozenSet[int] = frozenset()

    def body(self, statements: Many[ast.stmt]) -> None:
        """Run statements in their order."""
        raise NotImplementedError

    # Definitions

    def do_FunctionDef(self, node: Definition) -> None:
        kind = ""
        mocked: List[str] = []
        decorators: List[Values] = []
        for decorator in node.decorator_list:
            name = ast_text(decorator.func if isinstance(decorator, ast.Call) else decorator)
            last = name.rpartition(".")[2]
            kind = _KINDS.get(last, kind)
            mocked += self._patched(decorator)
            if last == "fixture":
                self._note_fixture(node, decorator)
            decorators.append(self.eval(decorator))
        cls = self._class_being_read()
        info = FunctionInfo(node, self.frame.scope, cls, self.defaults_of(node.args), kind)
        if cls is not None and node.name in ("__new__", "__init_subclass__", "__class_getitem__"):
            info.kind = "class"
        info.mocked = [*mocked, *(cls.mocked if cls is not None else [])]
        self.defined(info)
        if kind == "setter" and cls is not None:
            cls.setters[node.name] = info
        if kind in ("setter", "deleter"):
            return
        self.bind(node.name, self._decorated(one(Function(info)), decorators, node))

    def _decorated(self, function: Values, decorators: List[Values], node: Definition) -> Values:
        """What the decorators of this file make of a function; others are taken to leave it as it is."""
        for values in reversed(decorators):
            own = [value for value in values if isinstance(value, (Function, Class))]
            made = union(self.call(value, Args((function,)), node) for value in own)
            made = frozenset(value for value in made if isinstance(value, (Function, Instance)))
            self.functions += [value.info for value in made - function if isinstance(value, Function)]
            function = made or function
        return function

    do_AsyncFunctionDef = do_FunctionDef  # noqa: N815

    def do_ClassDef(self, node: ast.ClassDef) -> None:
        bases = [self.eval(base) for base in node.bases]
        info = ClassInfo(node, bases, self.frame.scope)
        info.mocked = [name for decorator in node.decorator_list for name in self._patched(decorator)]
        info.written = self._written.get(key_of(node), {})
        self.classes.append(info)
        for values in bases:
            for base in values:
                if isinstance(base, Class):
                    base.info.subclasses.append(info)
        outer, names = self.frame, self.state.names
        self.frame = Frame(None, outer.scope, info)
        self.frame.is_module = False
        self.state.names = {} if outer.is_module else dict(names)
        inherited = dict(self.state.names)
        self.body(node.body)
        self.state.dead = False
        own = self.state.names
        info.attributes = {key: values for key, values in own.items() if inherited.get(key) is not values}
        self.frame, self.state.names = outer, names
        self.bind(node.name, one(Class(info)))
        if info.is_a(ENUMS):
            self._make_members(info, node)

    def _make_members(self, info: ClassInfo, node: ast.ClassDef) -> None:
        """Each name in the class of an Enum is an object of that class, with what it was given as its value."""
        for name, values in info.attributes.items():
            if all(isinstance(value, (Const, Function)) for value in values):
                continue
            member = Instance(info, ("member", name))
            self.write_attribute(member, "value", values)
            self.write_attribute(member, "name", one(Const(name)))
            for value in values:
                items = self.items_of(value)
                self.call_own(member, "__init__", Args((values,) if items is None else items), node)
            info.attributes[name] = one(member)

    def _class_being_read(self) -> Optional[ClassInfo]:
        return self.frame.cls if self.frame.function is None else None

    def defined(self, info: FunctionInfo) -> None:
        if self.inner is not None:
            info.scope = self.inner.scope
            info.scope.names.update(self.state.names)
        place = id(info.node)
        if not self.stack and place not in self._defined:
            self._defined.add(place)
            self.functions.append(info)

    # Calls

    def call_function(self, info: FunctionInfo, args: Args, node: Place) -> Values:
        too_deep = len(self.active) >= _DEEPEST or info in self.active or self.budget <= 0
        if too_deep or id(info.node) not in self._relevant:
            self.escape(args.all())
            return self._declared(info)
        outer, outer_names, stack = self.frame, self.state.names, self.stack
        frame = Frame(info, info.scope, info.cls)
        frame.called_from = node
        owned = _owns(self, info)
        if owned:
            info.scope.names.update(outer_names)
        names = self._bind(info, frame, args)
        self.frame, self.state.names = frame, names
        self.stack = [*stack, (node.lineno, node.col_offset)]
        self.active.append(info)
        try:
            self._run_function(info, frame)
            if frame.yielded:
                self._stop_at_yield(frame)
        finally:
            self.active.pop()
            self.frame, self.stack = outer, stack
            inner_names, self.state.names = self.state.names, outer_names
            if owned:
                changed = frame.nonlocals & inner_names.keys()
                self.state.names = {**outer_names, **{name: inner_names[name] for name in changed}}
            self.result = self.forget_frame(frame)
        if self.state.dead and info.cls is not None:
            self.state.dead = False
        returned = union(frame.returned)
        if not returned or returned <= {UNKNOWN, WRITTEN}:
            return self._declared(info) - one(UNKNOWN) or returned  # nothing if it always raises
        return self._wrapped(info, returned, node)

    def _stop_at_yield(self, frame: Frame) -> None:
        """The rest of a context manager comes after the block."""
        ended, self.state = self.state, self.join(frame.yielded)
        self.leaving = {
            key: state
            for key, state in ended.heap.items()
            if key[0] == "object" and self.state.heap.get(key) is not state
        }

    def _declared(self, info: FunctionInfo) -> Values:
        if isinstance(info.node, ast.Lambda):
            return ANYTHING
        return self.annotation(info.node.returns) or ANYTHING

    def _wrapped(self, info: FunctionInfo, returned: Values, node: Place) -> Values:
        if info.kind != "manager" and not isinstance(info.node, ast.Lambda) and is_generator(info.node):
            return self.new(Sequence(self.site(node, "yielded")), SequenceState(None, returned - one(WRITTEN)))
        if info.kind == "manager":
            return returned - one(WRITTEN) or returned
        return returned

    def _bind(self, info: FunctionInfo, frame: Frame, args: Args) -> Dict[str, Values]:
        arguments = info.node.args
        names: Dict[str, Values] = {}
        positional = [*arguments.posonlyargs, *arguments.args]
        for index, arg in enumerate([*positional, *arguments.kwonlyargs]):
            given = args.keyword(arg.arg)
            if index < len(positional) and index < len(args.positional):
                given = args.positional[index]
            names[arg.arg] = self._given(info, arg, given, args)
        if info.cls is not None and info.kind != "static" and positional and args.positional:
            if args.positional[0] <= {UNKNOWN}:  # from a decorator's wrapper
                names[positional[0].arg] = one(self._itself(info))
            frame.itself = next(iter(names[positional[0].arg]), None)
        if arguments.vararg is not None:
            frame.stars.add(arguments.vararg.arg)
            rest = args.positional[len(positional) :]
            state = SequenceState(None, union(rest) | ANYTHING) if args.more_positional else SequenceState(rest)
            names[arguments.vararg.arg] = self.new(Sequence(self.site(info.node, "*")), state)
        if arguments.kwarg is not None:
            frame.stars.add(arguments.kwarg.arg)
            taken = {arg.arg for arg in [*positional, *arguments.kwonlyargs]}
            known = tuple((key, values) for key, values in args.keywords if key not in taken)
            names[arguments.kwarg.arg] = self.new(
                Mapping(self.site(info.node, "**")), DictState(known, NOTHING, args.more_keywords)
            )
        return names

    def _given(self, info: FunctionInfo, arg: ast.arg, given: Optional[Values], args: Args) -> Values:
        default = info.defaults.get(arg.arg, NOTHING)
        if given is None or given == {ABSENT}:
            if args.more_keywords or args.more_positional:
                kept = frozenset(NoneValue("defaulted") if value == WRITTEN else value for value in default)
                return kept | ANYTHING
            values = default or ANYTHING
        else:
            values = (given - one(ABSENT)) | (default if ABSENT in given else NOTHING)
        if values <= {UNKNOWN}:
            values = self.annotation(arg.annotation) or values
        return frozenset(Const(value.value, True) if isinstance(value, Const) else value for value in values)

    def _run_function(self, info: FunctionInfo, frame: Frame) -> None:
        replaced = self._mock(info.mocked)
        scope = Scope(info.scope)
        frame.scope = info.scope
        previous, self.inner = self.inner, _Inner(scope)
        if isinstance(info.node, ast.Lambda):
            frame.returned.append(self.eval(info.node.body))
        else:
            self.body(info.node.body)
        self.inner = previous
        self._keep_nonlocals(info, frame)
        scope.names = dict(self.state.names)
        for state in frame.left:
            for name, values in state.names.items():
                scope.names[name] = scope.names.get(name, NOTHING) | values
        frame.left.append(self.state)
        if not isinstance(info.node, ast.Lambda) and not self.state.dead and not is_generator(info.node):
            frame.returned.append(one(WRITTEN))
            self.state.names[RESULT] = one(WRITTEN)
        self.state = self.join(frame.left)
        self._unmock(replaced)

    def _keep_nonlocals(self, info: FunctionInfo, frame: Frame) -> None:
        """What it leaves in names of the function around it is there for the other functions in that one."""
        for name in frame.nonlocals:
            values = NOTHING.union(*(state.names.get(name, NOTHING) for state in [*frame.left, self.state]))
            scope: Optional[Scope] = info.scope
            while scope is not None and name not in scope.names:
                scope = scope.parent
            if scope is None or values <= scope.names[name]:
                continue
            scope.names[name] |= values
            around = info.scope
            self.functions += [each for each in self.functions if each.scope is around and each is not info]

    # By themselves

    def _parameters(self, info: FunctionInfo, frame: Frame) -> Dict[str, Values]:
        arguments = info.node.args
        names: Dict[str, Values] = {}
        positional = [*arguments.posonlyargs, *arguments.args]
        for arg in [*positional, *arguments.kwonlyargs]:
            meant = self.annotation(arg.annotation)
            default = info.defaults.get(arg.arg)
            if default is None:
                names[arg.arg] = meant or ANYTHING
            else:
                kept = frozenset(NoneValue("defaulted") if value == WRITTEN else value for value in default)
                names[arg.arg] = kept | (meant or ANYTHING)
        if info.cls is not None and info.kind != "static" and positional and not isinstance(info.node, ast.Lambda):
            frame.itself = self._itself(info)
            names[positional[0].arg] = one(frame.itself)
        self._stars(info, frame, names)
        return names

    def _itself(self, info: FunctionInfo) -> Value:
        assert info.cls is not None
        return Class(info.cls) if info.kind == "class" else Instance(info.cls, SELF)

    def _stars(self, info: FunctionInfo, frame: Frame, names: Dict[str, Values]) -> None:
        arguments = info.node.args
        if arguments.vararg is not None:
            frame.stars.add(arguments.vararg.arg)
            names[arguments.vararg.arg] = self.new(Sequence(self.site(info.node, "*")), SequenceState(None, ANYTHING))
        if arguments.kwarg is not None:
            frame.stars.add(arguments.kwarg.arg)
            names[arguments.kwarg.arg] = self.new(Mapping(self.site(info.node, "**")), DictState(more=True))


class _Inner:
    """The names of the function that is being read, for those defined in it."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope


def _owns(flow: Functions, info: FunctionInfo) -> bool:
    """Whether the function was defined in the one that is being read."""
    return flow.inner is not None and flow.inner.scope is info.scope

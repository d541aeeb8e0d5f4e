"""What statements do, in their order; functions where they are called, and once by themselves."""

from __future__ import annotations

import ast
import re
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional, Set, Tuple, Union
from typing import Sequence as Many

from ._annotations import Annotations
from ._arguments import Args
from ._base import SELF, Frame, one, union
from ._failures import catches_refusal
from ._judge import Place, Raw, key_of
from ._names import imported, imported_from
from ._relevant import relevant
from ._rules import BASES, CLIENTS, DEFINITE, IGNORED, POSSIBLE, UPGRADES
from ._values import (
    ABSENT,
    ANYTHING,
    NOTHING,
    STRANGER,
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
    State,
    Symbol,
    Value,
    Values,
)

#: how deep calls are followed
_DEEPEST = 7
#: how often a file is read at the most
_PASSES = 3
#: statements that are read because of the calls in one function
_BUDGET = 2000
#: and in all of the file, before they are followed less far
_WHOLE = 6000
_PATCH = re.compile(r"(?:^|\.)((?:%s)(?:\.\w+)*)$" % "|".join(sorted(CLIENTS)))

Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]


class Flow(Annotations):
    """Reads statements and functions, and with them a whole file."""

    def __init__(self) -> None:
        super().__init__()
        self.functions: List[FunctionInfo] = []
        self.budget = _BUDGET
        self.whole = _WHOLE
        #: what the methods of each class left in attributes, the last time
        self._written: Dict[Any, Any] = {}
        self._defined: Set[int] = set()
        self.inner: Optional[_Inner] = None
        self._relevant: FrozenSet[int] = frozenset()
        #: lines that were too deeply nested to be read
        self.unread: List[int] = []
        #: names imported for annotations only
        self.typing_only: Set[str] = set()
        self._for_typing = 0
        #: by call, names that stand for ssl or its create_default_context there
        self.ssl_names: Dict[Tuple[int, int, int, int], Set[Optional[str]]] = {}

    # The file

    def read(self, tree: ast.Module) -> None:
        """Read the file, as often as it takes until it is known what is in attributes and globals."""
        self._relevant = relevant(tree)
        for _ in range(_PASSES):
            before = self._knowledge()
            self._pass(tree)
            if self._knowledge() == before:
                break
        self.finish()

    def _knowledge(self) -> Tuple[int, ...]:
        """How much is known of attributes and globals."""
        stores = [info.written for info in self.classes] + [self.global_writes]
        return tuple(
            len(
                {
                    (name, _kind(value))
                    for name, groups in store.items()
                    for values in groups.values()
                    for value in values
                }
            )
            for store in stores
            if store
        )

    def _pass(self, tree: ast.Module) -> None:
        written = {key_of(info.node): info.written for info in self.classes if hasattr(info.node, "lineno")}
        self._written = written
        for store in (self.reports, self.outcomes, self.shared, self.targets, self.waiting, self.supplied, self.uses):
            store.clear()
        for more in (self.glued, self.upgraded, self.fallbacks, self.calls, self.partials, self.placed):
            more.clear()
        self.functions, self.classes, self.unread = [], [], []
        self._defined.clear()
        self.budget, self.whole = _BUDGET, _WHOLE
        self.state, self.frame = State(), Frame(None, Scope(None), None)
        self.body(tree.body)
        base = self.state.heap
        index = 0
        while index < len(self.functions):  # reading them finds more
            info = self.functions[index]
            index += 1
            try:
                self._alone(info, base)
            except RecursionError:
                self.unread.append(info.node.lineno)
        self.state, self.frame = State(base=base), Frame(None, Scope(None), None)
        self.call_partials()
        self.remembered = {key: value for key, value in base.items() if key[0] == "object"}

    def _alone(self, info: FunctionInfo, base: Dict[Any, Any]) -> None:
        """Read a function as if it were called by somebody unknown."""
        self.stack, self.active, self.failed = [], [info], []
        self.whole -= _BUDGET - self.budget if self.budget < _BUDGET else 0
        self.budget = _BUDGET if self.whole > 0 else _BUDGET // 20
        self.state = State(base=base)
        frame = Frame(info, info.scope, info.cls)
        self.frame = frame
        names = self._parameters(info, frame)
        self.state.names = names
        self._run_function(info, frame)
        self._keep_what_is_left(info, frame)

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
            itself: Value = Class(info.cls) if info.kind == "class" else Instance(info.cls, SELF)
            names[positional[0].arg] = one(itself)
            frame.itself = itself
        self._stars(info, frame, names)
        return names

    def _stars(self, info: FunctionInfo, frame: Frame, names: Dict[str, Values]) -> None:
        arguments = info.node.args
        if arguments.vararg is not None:
            frame.stars.add(arguments.vararg.arg)
            names[arguments.vararg.arg] = self.new(Sequence(self.site(info.node, "*")), SequenceState(None, ANYTHING))
        if arguments.kwarg is not None:
            frame.stars.add(arguments.kwarg.arg)
            names[arguments.kwarg.arg] = self.new(Mapping(self.site(info.node, "**")), DictState(more=True))

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
        scope.names = dict(self.state.names)
        for state in frame.left:
            for name, values in state.names.items():
                scope.names[name] = scope.names.get(name, NOTHING) | values
        frame.left.append(self.state)
        if not isinstance(info.node, ast.Lambda) and not self.state.dead and not _always_returns(info.node):
            frame.returned.append(one(WRITTEN))
        self.state = self.join(frame.left)
        self._unmock(replaced)

    def _mock(self, names: List[str]) -> List[Tuple[Any, Any]]:
        replaced = []
        for name in names:
            key = "symbol", name
            replaced.append((key, self.state.heap.get(key)))
            self.state.heap[key] = STRANGER
        return replaced

    def _unmock(self, replaced: List[Tuple[Any, Any]]) -> None:
        for key, values in reversed(replaced):
            if values is None:
                self.state.heap.pop(key, None)
            else:
                self.state.heap[key] = values

    def _keep_what_is_left(self, info: FunctionInfo, frame: Frame) -> None:
        """Attributes of self and globals that the function sets are there for the others."""
        where = "%s:%d" % (info.name, info.node.lineno)
        for key, values in self.state.heap.items():
            if key[0] == "attribute" and isinstance(key[1], Instance):
                cls = key[1].cls
                if isinstance(cls, ClassInfo) and key[1].site == SELF:
                    cls.written.setdefault(key[2], {})[where] = values
            elif key[0] == "global":
                self.global_writes.setdefault(key[1], {})[where] = values
            elif key[0] == "object" and self.state.base is not None:
                # objects that stay in attributes: others look them up
                present = self.state.base.get(key)
                self.state.base[key] = values if present is None else self._joined(key, present, values)

    # Calling functions of this file

    def call_function(self, info: FunctionInfo, args: Args, node: Place) -> Values:
        too_deep = len(self.active) >= _DEEPEST or info in self.active or self.budget <= 0
        if too_deep or id(info.node) not in self._relevant:
            self.escape(args.all())
            return self._declared(info)
        outer, outer_names, stack = self.frame, self.state.names, self.stack
        frame = Frame(info, info.scope, info.cls)
        if _owns(self, info):
            info.scope.names.update(outer_names)
        names = self._bind(info, frame, args)
        self.frame, self.state.names = frame, names
        self.stack = [*stack, (node.lineno, node.col_offset)]
        self.active.append(info)
        try:
            self._run_function(info, frame)
        finally:
            self.active.pop()
            self.frame, self.stack = outer, stack
            self.state.names = outer_names
        if self.state.dead and info.cls is not None:
            self.state.dead = False
        returned = union(frame.returned)
        if not returned or returned <= {UNKNOWN, WRITTEN}:
            return self._declared(info) - one(UNKNOWN) or returned  # nothing if it always raises
        return self._wrapped(info, returned, node)

    def _declared(self, info: FunctionInfo) -> Values:
        if isinstance(info.node, ast.Lambda):
            return ANYTHING
        return self.annotation(info.node.returns) or ANYTHING

    def _wrapped(self, info: FunctionInfo, returned: Values, node: Place) -> Values:
        if info.kind != "manager" and not isinstance(info.node, ast.Lambda) and _is_generator(info.node):
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
            frame.itself = next(iter(args.positional[0]), None)
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

    def defined(self, info: FunctionInfo) -> None:
        if self.inner is not None:
            info.scope = self.inner.scope
            info.scope.names.update(self.state.names)
        place = id(info.node)
        if not self.stack and place not in self._defined:
            self._defined.add(place)
            self.functions.append(info)

    # Statements

    def body(self, statements: Many[ast.stmt]) -> None:
        """Run them in their order."""
        for statement in statements:
            if self.state.dead:
                self._hoist(statement)
                continue
            self.statement(statement)

    def _hoist(self, statement: ast.stmt) -> None:
        """Definitions in code that is not reached may be there for later."""

    def statement(self, node: ast.stmt) -> None:
        self.budget -= bool(self.stack)
        method: Optional[Callable[[Any], None]] = getattr(self, "do_" + type(node).__name__, None)
        if method is not None:
            method(node)
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.eval(child)

    def do_Expr(self, node: ast.Expr) -> None:
        self.eval(node.value)

    def do_Import(self, node: ast.Import) -> None:
        for name, value in imported([(alias.name, alias.asname or "") for alias in node.names]):
            self._import(name, value)

    def do_ImportFrom(self, node: ast.ImportFrom) -> None:
        names = [(alias.name, alias.asname or "") for alias in node.names]
        for name, value in imported_from(node.module or "", node.level, names):
            replaced = self.state.get(("symbol", value.name))
            if replaced is not None:
                self.bind(name, replaced)
            else:
                self._import(name, value)

    def _import(self, name: str, value: Symbol) -> None:
        if self._for_typing:
            self.typing_only.add(name)
        else:
            self.typing_only.discard(name)
        self.bind(name, one(value))

    def do_Assign(self, node: ast.Assign) -> None:
        values = self.eval(node.value)
        for target in node.targets:
            self.assign(target, values)
            self._field(target, values)

    def do_AnnAssign(self, node: ast.AnnAssign) -> None:
        meant = self.annotation(node.annotation)
        values = self.eval(node.value)
        cls = self._class_being_read()
        if cls is not None and isinstance(node.target, ast.Name):
            cls.fields.append(node.target.id)
            if meant:
                cls.annotated[node.target.id] = meant
        elif meant and isinstance(node.target, ast.Attribute):
            for owner in self.eval(node.target.value):
                if isinstance(owner, Instance) and isinstance(owner.cls, ClassInfo):
                    owner.cls.annotated[node.target.attr] = meant
        if node.value is None:
            if meant and cls is None:
                self.assign(node.target, meant)
            return
        if values <= {UNKNOWN} and meant:
            values = meant
        elif meant and values == {WRITTEN} and self.frame.is_module and isinstance(node.target, ast.Name):
            self.assign(node.target, values | meant)
            return
        self.assign(node.target, values)

    def _field(self, target: ast.expr, values: Values) -> None:
        """`x = attr.ib(...)` in a class."""

    def _class_being_read(self) -> Optional[ClassInfo]:
        return self.frame.cls if self.frame.function is None else None

    def do_AugAssign(self, node: ast.AugAssign) -> None:
        added = self.eval(node.value)
        if isinstance(node.op, (ast.Add, ast.BitOr)):
            owners = self.eval(node.target)
            for owner in owners:
                if isinstance(owner, Sequence):
                    state = self.sequence(owner)
                    self.put(owner, SequenceState(None, state.all() | self.elements(added)))
                    return
                if isinstance(owner, Mapping):
                    updated = self.dict_(owner)
                    for value in added:
                        updated = self._updated(updated, value)
                    self.put(owner, updated)
                    return
        self.assign(node.target, ANYTHING)

    def do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.state.names.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                self._store_item(target, one(ABSENT))

    def do_Return(self, node: ast.Return) -> None:
        self.frame.returned.append(self.eval(node.value) if node.value is not None else one(WRITTEN))
        self.frame.left.append(self.state.fork())
        self.state.dead = True

    def do_Raise(self, node: ast.Raise) -> None:
        self.eval(node.exc)
        self.eval(node.cause)
        self.state.dead = True

    def do_Global(self, node: ast.Global) -> None:
        self.frame.globals.update(node.names)

    def do_Assert(self, node: ast.Assert) -> None:
        self.eval(node.test)
        self.assume(node.test, True)
        if self.state.dead:
            self.state.dead = False

    # Branches

    def do_If(self, node: ast.If) -> None:
        ends: List[State] = []
        before = self.state
        following: Optional[ast.If] = node
        while following is not None:  # a long chain of elif nests deeply
            self.eval(following.test)
            rest = self.state.fork()
            self.assume(following.test, True)
            typing = _is_type_checking(following.test)
            self._for_typing += typing
            if not self.state.dead:
                self.body(following.body)
            self._for_typing -= typing
            ends.append(self.state)
            self.state = rest
            self.assume(following.test, False)
            orelse = following.orelse
            following = None
            if self.state.dead:
                break
            if len(orelse) == 1 and isinstance(orelse[0], ast.If):
                following = orelse[0]
            else:
                self.body(orelse)
        ends.append(self.state)
        self.state = self.join(ends)
        del before

    def do_Match(self, node: Any) -> None:
        subject = self.eval(node.subject)
        ends = []
        before = self.state
        certain = False
        for case in node.cases:
            self.state = before.fork()
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(name, str):
                    self.bind(name, subject)
            self._assume_pattern(node.subject, case.pattern)
            if case.guard is not None:
                self.eval(case.guard)
                self.assume(case.guard, True)
            elif type(case.pattern).__name__ == "MatchAs" and case.pattern.pattern is None:
                certain = True
            if not self.state.dead:
                self.body(case.body)
            ends.append(self.state)
        self.state = self.join(ends if certain else [*ends, before])

    def _assume_pattern(self, subject: ast.expr, pattern: Any) -> None:
        if type(pattern).__name__ == "MatchSingleton" and pattern.value is None:
            test = ast.Compare(left=subject, ops=[ast.Is()], comparators=[ast.Constant(value=None)])
            self.assume(test, True)
        elif type(pattern).__name__ == "MatchValue" and isinstance(pattern.value, ast.Constant):
            self.assume(ast.Compare(left=subject, ops=[ast.Eq()], comparators=[pattern.value]), True)

    def do_For(self, node: Union[ast.For, ast.AsyncFor]) -> None:
        iterated = self.eval(node.iter)
        self._loop(node, lambda: self.assign(node.target, self.elements(iterated)), None)

    do_AsyncFor = do_For  # noqa: N815

    def do_While(self, node: ast.While) -> None:
        def begin() -> None:
            self.eval(node.test)
            self.assume(node.test, True)

        self._loop(node, begin, node.test)

    def _loop(self, node: Any, begin: Callable[[], None], test: Optional[ast.expr]) -> None:
        ends: List[State] = []
        self.frame.loops.append(ends)
        rounds = 1 if len(self.frame.loops) > 2 else 2
        forever = isinstance(test, ast.Constant) and bool(test.value)
        after = self.state.fork()
        for _ in range(rounds):
            begin()
            if not self.state.dead:
                self.body(node.body)
            self.state = after = self.join([after, self.state, *ends])
            self.state = self.state.fork()
        self.frame.loops.pop()
        if test is not None and not forever:
            self.assume(test, False)
            if self.state.dead:
                self.state = after
        if forever and not ends and not _breaks(node.body):
            self.state = after
        self.body(node.orelse)

    def do_Break(self, node: Union[ast.Break, ast.Continue]) -> None:
        if self.frame.loops:
            self.frame.loops[-1].append(self.state.fork())
        self.state.dead = True

    do_Continue = do_Break  # noqa: N815

    # with

    def do_With(self, node: Union[ast.With, ast.AsyncWith]) -> None:
        replaced: List[Tuple[Any, Any]] = []
        ignores: List[Tuple[str, ...]] = []
        first = len(self.calls)
        for item in node.items:
            expression = item.context_expr
            values = self.eval(expression)
            replaced += self._mock(self._patched(expression))
            caught = self._suppressed(expression)
            if caught:
                ignores.append(caught)
            entered = self.enter(values, expression)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, entered)
        self.body(node.body)
        if any(_catches_refused_upgrade(names) for names in ignores):
            self._ignored(node, node.body, first, [])
        self._unmock(replaced)

    do_AsyncWith = do_With  # noqa: N815

    def enter(self, values: Values, node: ast.AST) -> Values:
        """What `with ... as` gives."""
        found = []
        for value in values:
            if isinstance(value, Instance) and isinstance(value.cls, ClassInfo):
                got = self.call_own(value, "__enter__", Args(), _place(node))
                if got is None:
                    got = self.call_own(value, "__aenter__", Args(), _place(node))
                found.append(one(value) if got is None else got)
            else:
                found.append(one(value))
        return union(found) or ANYTHING

    def eval_Call(self, node: ast.Call, awaited: bool = False) -> Values:
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr in (
            "enter_context",
            "enter_async_context",
            "push",
            "push_async_exit",
        ):
            owners = self.eval(func.value)
            own = [value for value in owners if isinstance(value, Instance) and isinstance(value.cls, ClassInfo)]
            if len(node.args) == 1 and not own:
                values = self.eval(node.args[0])
                return self.enter(values, node.args[0]) if func.attr.startswith("enter") else values
        self._patch_here(node)
        return super().eval_Call(node, awaited)

    def _suppressed(self, node: ast.expr) -> Tuple[str, ...]:
        if not isinstance(node, ast.Call):
            return ()
        if not any(isinstance(v, Symbol) and v.name == "contextlib.suppress" for v in self.eval(node.func)):
            return ()
        return tuple(name for arg in node.args for name in self.exception_names(arg))

    # Mocks

    def _patched(self, node: ast.expr) -> List[str]:
        """What a call of unittest.mock's patch() replaces, by dotted name."""
        if not isinstance(node, ast.Call):
            return []
        func = node.func
        name = getattr(func, "attr", getattr(func, "id", ""))
        if name not in ("patch", "object", "setattr", "multiple"):
            return []
        text = ast_text(func)
        if "patch" not in text.lower():
            return []
        return self._patch_target(node)

    def _patch_target(self, node: ast.Call) -> List[str]:
        if not node.args:
            return []
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            match = _PATCH.search(first.value)
            if match is None:
                return []
            return _with_members(match.group(1))
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            names = [value.name for value in self.eval(first) if isinstance(value, Symbol)]
            return [each for name in names for each in _with_members(name + "." + str(node.args[1].value))]
        return []

    def _patch_here(self, node: ast.Call) -> None:
        """`monkeypatch.setattr(smtplib, "SMTP_SSL", ...)`, and `patch(...).start()`: from here on."""
        func = node.func
        if not isinstance(func, ast.Attribute):
            return
        if func.attr == "setattr" and "patch" in ast_text(func.value).lower():
            self._mock(self._patch_target(node))
        elif func.attr == "start" and isinstance(func.value, ast.Call):
            self._mock(self._patched(func.value))

    # try

    def do_Try(self, node: Any) -> None:
        before = self.state.fork()
        first = len(self.calls)
        self.body(node.body)
        body_calls = self.calls[first:]
        after = self.state
        broken = self.join([before, after]) if not after.dead else before
        if after.dead:
            broken = self._with_names(before, after)
        ends = []
        if not after.dead:
            self.state = after.fork()
            self.body(node.orelse)
            ends.append(self.state)
        for handler in node.handlers:
            self.state = broken.fork()
            ends.append(self._handler(node, handler, body_calls, first))
        self.state = self.join(ends) if ends else after
        dead = self.state.dead
        if node.finalbody:
            if dead:
                self.state = broken.fork()
            self.body(node.finalbody)
            self.state.dead = dead or self.state.dead

    do_TryStar = do_Try  # noqa: N815

    def _with_names(self, before: State, after: State) -> State:
        """What the body did before it returned or raised may have been done."""
        alive = after.fork()
        alive.dead = False
        return self.join([before, alive])

    def _handler(self, node: Any, handler: ast.ExceptHandler, body_calls: List[Any], first: int) -> State:
        if handler.name:
            self.bind(handler.name, ANYTHING)
        names = self.exception_names(handler.type)
        modules = " ".join(sorted({name.partition(".")[0] for _, name, _ in body_calls}))
        fails = bool(body_calls) and catches_refusal(names)
        if fails:
            self.failed.append(modules)
        self.body(handler.body)
        if fails:
            self.failed.pop()
        if not self.state.dead and (fails or _catches_refused_upgrade(names)):
            self._ignored(node, node.body, first, handler.body)
        return self.state

    def exception_names(self, node: Optional[ast.expr]) -> Tuple[str, ...]:
        """The dotted names of what is caught."""
        if node is None:
            return ("builtins.BaseException",)
        found = []
        for value in self.eval(node):
            members = self.sequence(value).all() if isinstance(value, Sequence) else one(value)
            found += [member.name for member in members if isinstance(member, Symbol)]
        return tuple(found)

    def _ignored(self, node: Any, tried: List[ast.stmt], first: int, handler: List[ast.stmt]) -> None:
        """Upgrades in `tried` fail, and nothing is done about it: is the connection used after that?"""
        extent = node.body[0].lineno, max(getattr(s, "end_lineno", s.lineno) or s.lineno for s in node.body)
        for place, name, _ in self.calls[first:]:
            if name.rpartition(".")[2] not in UPGRADES or not extent[0] <= place.lineno <= extent[1]:
                continue
            if not isinstance(place, ast.Call) or not isinstance(place.func, ast.Attribute):
                continue
            receiver = ast_text(place.func.value)
            if receiver and not _given_up(handler, receiver) and self._used_after(node, receiver):
                self.report(Raw(place, IGNORED, POSSIBLE if _may_raise(handler) else DEFINITE, name))

    def _used_after(self, node: ast.stmt, receiver: str) -> bool:
        function = self.frame.function
        whole: Any = function.node if function is not None else self.tree
        end = getattr(node, "end_lineno", node.lineno) or node.lineno
        for each in ast.walk(whole):
            line = getattr(each, "lineno", 0)
            if line <= end:
                continue
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
                if ast_text(each.func.value) == receiver and each.func.attr not in _HARMLESS:
                    return True
                if any(ast_text(arg) == receiver for arg in each.args):
                    return True
            elif isinstance(each, (ast.Return, ast.Yield)) and each.value and ast_text(each.value) == receiver:
                return True
        return receiver.startswith("self.") and not _uses(node, receiver)

    tree: ast.AST = ast.Module(body=[], type_ignores=[])

    # Definitions

    def do_FunctionDef(self, node: Definition) -> None:
        kind = ""
        mocked: List[str] = []
        for decorator in node.decorator_list:
            name = ast_text(decorator.func if isinstance(decorator, ast.Call) else decorator)
            last = name.rpartition(".")[2]
            kind = _KINDS.get(last, kind)
            mocked += self._patched(decorator)
            self.eval(decorator)
        cls = self._class_being_read()
        info = FunctionInfo(node, self.frame.scope, cls, self.defaults_of(node.args), kind)
        if cls is not None and node.name in ("__new__", "__init_subclass__", "__class_getitem__"):
            info.kind = "class"
        info.mocked = [*mocked, *(cls.mocked if cls is not None else [])]
        self.defined(info)
        if kind == "setter":
            return
        self.bind(node.name, one(Function(info)))

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

    # Where `ssl` is to be had

    def note_place(self, node: Place) -> None:
        self.ssl_names.setdefault(key_of(node), set()).add(self._ssl_name())

    def _ssl_name(self) -> Optional[str]:
        """An expression for create_default_context; "" if ssl is to be imported, None if the name is taken."""
        aliases = ["ssl", *self._aliases()]
        for wanted, text in (("ssl", "%s.create_default_context"), ("ssl.create_default_context", "%s")):
            for name in aliases:
                values = self._visible(name)
                if values and name not in self.typing_only and all(_is(value, wanted) for value in values):
                    return text % name
        values = self._visible("ssl")
        return "" if values is None or "ssl" in self.typing_only else None

    def _aliases(self) -> Iterator[str]:
        seen = {*self.state.names, *(key[1] for key in self.state.heap if key[0] == "global")}
        seen |= {key[1] for key in (self.state.base or ()) if key[0] == "global"}
        scope: Optional[Scope] = self.frame.scope
        while scope is not None:
            seen |= set(scope.names)
            scope = scope.parent
        for name in sorted(seen):
            values = self._visible(name)
            if values and all(_is(value, "ssl") or _is(value, "ssl.create_default_context") for value in values):
                yield name

    def _visible(self, name: str) -> Optional[Values]:
        values = self.lookup(name)
        return None if values == {Symbol("builtins." + name)} else values


class _Inner:
    """The names of the function that is being read, for those defined in it."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope


_KINDS = {
    "staticmethod": "static",
    "classmethod": "class",
    "property": "property",
    "cached_property": "property",
    "abstractproperty": "property",
    "reify": "property",
    "lazy": "property",
    "setter": "setter",
    "deleter": "setter",
    "contextmanager": "manager",
    "asynccontextmanager": "manager",
    "fixture": "manager",
}
_HARMLESS = frozenset(
    [
        "quit",
        "close",
        "logout",
        "set_debuglevel",
        "shutdown",
        "ehlo",
        "helo",
        "noop",
        "has_extn",
        "ehlo_or_helo_if_needed",
    ]
)


def _kind(value: Value) -> Any:
    """What kind of thing it is, wherever it was made."""
    return value.cls if isinstance(value, Instance) else type(value)


def _is(value: Value, name: str) -> bool:
    return isinstance(value, Symbol) and value.name == name


def _place(node: ast.AST) -> Place:
    assert isinstance(node, (ast.expr, ast.stmt))
    return node


def _owns(flow: Flow, info: FunctionInfo) -> bool:
    """Whether the function was defined in the one that is being read."""
    return flow.inner is not None and flow.inner.scope is info.scope


def _with_members(name: str) -> List[str]:
    """A module with what is in it."""
    return [name, *(each for each in BASES if each.startswith(name + "."))] if name in CLIENTS else [name]


def ast_text(node: ast.AST) -> str:
    """A dotted name as it is written; empty for anything else."""
    parts: List[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Call):
        return ast_text(node.func) + "()." + ".".join(reversed(parts)) if parts else ast_text(node.func) + "()"
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def _is_type_checking(test: ast.expr) -> bool:
    return ast_text(test).rpartition(".")[2] == "TYPE_CHECKING"


def _breaks(body: Many[ast.stmt]) -> bool:
    return any(isinstance(each, ast.Break) for statement in body for each in ast.walk(statement))


def _is_generator(node: ast.AST) -> bool:
    known = getattr(node, "_is_generator", None)
    if known is None:
        known = _yields(node)
        node._is_generator = known  # type: ignore[attr-defined]
    return bool(known)


def _yields(node: ast.AST) -> bool:
    todo: List[ast.AST] = list(ast.iter_child_nodes(node))
    while todo:
        each = todo.pop()
        if isinstance(each, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            todo.extend(ast.iter_child_nodes(each))
    return False


def _always_returns(node: ast.AST) -> bool:
    return _is_generator(node)


def _catches_refused_upgrade(names: Tuple[str, ...]) -> bool:
    """Whether a server that declines the upgrade, or somebody in its name, is ignored."""
    return any(name.startswith(tuple(module + "." for module in CLIENTS)) for name in names) or catches_refusal(names)


def _given_up(handler: List[ast.stmt], receiver: str) -> bool:
    """Whether a handler closes or replaces the connection."""
    for statement in handler:
        for each in ast.walk(statement):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
                if ast_text(each.func.value) == receiver and each.func.attr in ("quit", "close", "logout", "shutdown"):
                    return True
            elif isinstance(each, ast.Assign) and any(ast_text(target) == receiver for target in each.targets):
                return True
    return False


#: Names of what tells somebody and comes back. Whatever else a handler calls may raise, or end the program.
_TELLS = frozenset(
    [
        *("print", "warn", "warning", "info", "debug", "error", "exception", "critical", "log", "write", "append"),
        *("print_exc", "print_exception", "format_exc", "format", "str", "repr", "type", "sleep"),
    ]
)


def _may_raise(handler: List[ast.stmt]) -> bool:
    """Whether a handler calls something of which that cannot be told, such as Ansible's `module.fail_json()`."""
    calls = [each for statement in handler for each in ast.walk(statement) if isinstance(each, ast.Call)]
    return any(ast_text(call.func).rpartition(".")[2] not in _TELLS for call in calls)


def _uses(node: ast.AST, receiver: str) -> bool:
    """Whether something is done with the connection, in this statement, that needs the upgrade."""
    for each in ast.walk(node):
        if not isinstance(each, ast.Call) or not isinstance(each.func, ast.Attribute):
            continue
        if ast_text(each.func.value) == receiver and each.func.attr not in (*_HARMLESS, *UPGRADES, "connect"):
            return True
    return False

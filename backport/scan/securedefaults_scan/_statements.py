"""Statements, in their order."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, List, Optional, Set, Tuple, Union
from typing import Sequence as Many

from ._arguments import Args
from ._base import RESULT, one, union
from ._branches import Branches
from ._exceptions import catches_refused_upgrade
from ._names import imported, imported_from
from ._syntax import Place
from ._values import (
    ABSENT,
    ANYTHING,
    UNKNOWN,
    WRITTEN,
    ClassInfo,
    DictState,
    Instance,
    Mapping,
    Sequence,
    SequenceState,
    State,
    Symbol,
    Values,
)


class Statements(Branches):
    """Reads the simple statements, and with."""

    def __init__(self) -> None:
        super().__init__()
        #: names imported for annotations only
        self.typing_only: Set[str] = set()

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

    # Imports

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

    # Assignments

    def do_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.IfExp) and len(node.targets) == 1:
            self._assign_either(node.targets[0], node.value)
            return
        values = self.eval(node.value)
        for target in node.targets:
            self.assign(target, values)
            self._field(target, values)

    def _assign_either(self, target: ast.expr, value: ast.IfExp) -> None:
        """`target = x if test else y` is an if statement: what is assigned depends on the test."""
        self._either(value, lambda each: ast.Assign(targets=[target], value=each, lineno=each.lineno))

    def _either(self, value: ast.IfExp, statement: Callable[[ast.expr], ast.stmt]) -> None:
        """A statement with `x if test else y` is an if statement with two of its kind."""
        self.do_If(ast.If(test=value.test, body=[statement(value.body)], orelse=[statement(value.orelse)]))

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
        self._expect(values, meant)
        if values <= {UNKNOWN} and meant:
            values = meant
        elif meant and values == {WRITTEN} and self.frame.is_module and isinstance(node.target, ast.Name):
            self.assign(node.target, values | meant)
            return
        self.assign(node.target, values)

    def _expect(self, values: Values, meant: Values) -> None:
        """What an empty container is for: `connections: List[SMTP] = []`."""
        for value in values:
            if isinstance(value, Sequence) and not self.sequence(value).all():
                items = self.elements(frozenset(each for each in meant if isinstance(each, Sequence)))
                self.put(value, SequenceState(None, items - one(UNKNOWN)))
            elif isinstance(value, Mapping) and self.dict_(value) == DictState():
                inner = union(self.dict_(each).rest for each in meant if isinstance(each, Mapping))
                self.put(value, DictState((), inner))

    def _field(self, target: ast.expr, values: Values) -> None:
        """`x = attr.ib(...)` in a class."""

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

    # Others

    def do_Return(self, node: ast.Return) -> None:
        if isinstance(node.value, ast.IfExp):
            # what is returned depends on the test
            self._either(node.value, lambda each: ast.Return(value=each, lineno=each.lineno))
            return
        values = self.eval(node.value) if node.value is not None else one(WRITTEN)
        self.frame.returned.append(values)
        self.state.names[RESULT] = values
        self.frame.left.append(self.state.fork())
        self.state.dead = True

    def do_Raise(self, node: ast.Raise) -> None:
        self.eval(node.exc)
        self.eval(node.cause)
        self.state.dead = True

    def do_Global(self, node: ast.Global) -> None:
        self.frame.globals.update(node.names)

    def do_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.frame.nonlocals.update(node.names)

    def do_Assert(self, node: ast.Assert) -> None:
        self.eval(node.test)
        self.assume(node.test, True)
        if self.state.dead:
            self.state.dead = False

    # with

    def do_With(self, node: Union[ast.With, ast.AsyncWith]) -> None:
        replaced: List[Tuple[Any, Any]] = []
        ignores: List[Tuple[str, ...]] = []
        leaving: Dict[Any, Any] = {}
        first = len(self.calls)
        for item in node.items:
            expression = item.context_expr
            self.leaving = {}
            values = self.eval(expression)
            leaving.update(self.leaving)
            replaced += self._mock(self._patched(expression))
            caught = self._suppressed(expression)
            if caught:
                ignores.append(caught)
            entered = self.enter(values, expression)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, entered)
        before = self.state.fork()
        self.body(node.body)
        self.state.heap.update(leaving)
        if any(catches_refused_upgrade(names) for names in ignores):
            self._ignored(node, node.body, first, [])
            self._go_on(node, before, first)
        self._unmock(replaced)

    do_AsyncWith = do_With  # noqa: N815

    def _go_on(self, node: ast.stmt, before: State, first: int) -> None:
        """The program goes on after what it has suppressed."""
        after = self.state
        self.note_failed(node, self.calls[first:], False)
        self.state = self.with_names(before, after)
        self.note_failed(node, self.calls[first:], True)
        self.state = self.join([after, self.state])

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


def _place(node: ast.AST) -> Place:
    assert isinstance(node, (ast.expr, ast.stmt))
    return node

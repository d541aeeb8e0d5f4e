"""try statements, and what is left of TLS where an exception is caught."""

from __future__ import annotations

import ast
from typing import Any, List, Optional, Tuple

from ._base import one
from ._failures import catches_refusal
from ._functions import Functions
from ._judge import Raw
from ._paths import PATHS, Fact
from ._rules import CLIENTS, DEFINITE, IGNORED, POSSIBLE, UPGRADES
from ._syntax import ast_text, key_of
from ._values import (
    ANYTHING,
    Sequence,
    State,
    Symbol,
)

#: the subject of the fact that TLS has failed: (FAILED, the place of the statement, modules)
FAILED = "failed"
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
#: Names of what tells somebody and comes back. Whatever else a handler calls may raise, or end the program.
_TELLS = frozenset(
    [
        *("print", "warn", "warning", "info", "debug", "error", "exception", "critical", "log", "write", "append"),
        *("print_exc", "print_exception", "format_exc", "format", "str", "repr", "type", "sleep"),
    ]
)
_COMES_BACK = _TELLS | _HARMLESS


class Exceptions(Functions):
    """Reads try statements."""

    def do_Try(self, node: Any) -> None:
        before = self.state.fork()
        first = len(self.calls)
        self.body(node.body)
        body_calls = self.calls[first:]
        after = self.state
        broken = self.join([before, after]) if not after.dead else before
        if after.dead:
            broken = self.with_names(before, after)
        ends = []
        if not after.dead:
            self.state = after.fork()
            self.note_failed(node, body_calls, False)
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

    def with_names(self, before: State, after: State) -> State:
        """What the body did before it returned or raised may have been done."""
        alive = after.fork()
        alive.dead = False
        return self.join([before, alive])

    def note_failed(self, node: ast.stmt, calls: List[Any], failed: bool) -> None:
        """Here the TLS that `node` starts has failed, or has not."""
        if not calls:
            return
        place = key_of(node)
        paths = self.paths.without(lambda subject: subject[:2] == (FAILED, place))
        modules = frozenset(name.partition(".")[0] for _, name, _ in calls)
        self.state.heap[PATHS] = paths.with_facts([Fact((FAILED, place, modules), None, failed)])

    def has_failed(self, module: str) -> bool:
        return any(fact.subject[0] == FAILED and fact.truth and module in fact.subject[2] for fact in self.paths.facts)

    def _handler(self, node: Any, handler: ast.ExceptHandler, body_calls: List[Any], first: int) -> State:
        if handler.name:
            self.bind(handler.name, ANYTHING)
        names = self.exception_names(handler.type)
        fails = bool(body_calls) and catches_refusal(names)
        if fails:
            self.note_failed(node, body_calls, True)
        self.body(handler.body)
        if not self.state.dead and (fails or catches_refused_upgrade(names)):
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

    tree: ast.AST = ast.Module(body=[], type_ignores=[])

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
            if isinstance(each, ast.Call):
                func = each.func
                if isinstance(func, ast.Attribute) and ast_text(func.value) == receiver and func.attr not in _HARMLESS:
                    return True
                if any(ast_text(arg) == receiver for arg in each.args):
                    return True
            elif isinstance(each, (ast.Return, ast.Yield)) and each.value and ast_text(each.value) == receiver:
                return True
        return receiver.startswith("self.") and not _uses(node, receiver)


def catches_refused_upgrade(names: Tuple[str, ...]) -> bool:
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


def _may_raise(handler: List[ast.stmt]) -> bool:
    """Whether a handler calls something of which that cannot be told, such as Ansible's `module.fail_json()`."""
    calls = [each for statement in handler for each in ast.walk(statement) if isinstance(each, ast.Call)]
    return any(ast_text(call.func).rpartition(".")[2] not in _COMES_BACK for call in calls)


def _uses(node: ast.AST, receiver: str) -> bool:
    """Whether something is done with the connection, in this statement, that needs the upgrade."""
    for each in ast.walk(node):
        if not isinstance(each, ast.Call) or not isinstance(each.func, ast.Attribute):
            continue
        if ast_text(each.func.value) == receiver and each.func.attr not in (*_HARMLESS, *UPGRADES, "connect"):
            return True
    return False

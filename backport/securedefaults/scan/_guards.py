"""Whether a context is there whenever it is needed, because one condition decides both.

options = {"context": ssl.create_default_context()} if tls else {}
(smtplib.SMTP_SSL if tls else smtplib.SMTP)(host, **options)
"""

from __future__ import annotations

import ast
import re
import sys
from typing import Dict, FrozenSet, Iterator, List, NamedTuple, Optional

from ._rules import SIGNATURES, Signature


class Fact(NamedTuple):
    """That an expression is true, or equal to another; or that it is not, if `truth` is false."""

    subject: str
    other: str
    truth: bool


class Binding(NamedTuple):
    """What something is given, and under which conditions; None if that is another thing than what is asked for."""

    value: Optional[ast.expr]
    facts: FrozenSet[Fact]
    node: ast.AST
    function: ast.AST

    @property
    def line(self) -> int:
        return int(getattr(self.node, "lineno", 0))


_CONTEXT = re.compile(r", ctx=(?:Load|Store|Del)\(\)")
_ENTRY_NAMES = frozenset(name.rpartition(".")[2] for name in SIGNATURES)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (*_FUNCTIONS, ast.ClassDef, ast.Module)


class Guards:
    """The conditions in a file."""

    def __init__(self, tree: ast.AST) -> None:
        self._tree = tree
        self._parents: Dict[int, ast.AST] = {}
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self._parents[id(child)] = node

    def decide(self, call: ast.Call, signature: Signature) -> bool:
        """Whether a context is always passed if this call is one of the entry point."""
        known = self._facts_at(call) | self._facts_of_choice(call)
        bindings = [each for given in _given(call, signature) for each in self._bindings(given, signature)]
        gives = [each for each in bindings if each.value is not None and _implied(each.facts, known)]
        if not gives:
            return False
        missing = [each for each in bindings if each.value is None and not _excluded(each.facts, known)]
        return all(_follows(given, each) for given in gives for each in missing) and not any(
            self._changes(each, call) for each in gives
        )

    def _facts_at(self, node: ast.AST) -> FrozenSet[Fact]:
        """What is true where this is reached, as far as its function says so."""
        found: FrozenSet[Fact] = frozenset()
        parent = self._parents.get(id(node))
        while parent is not None and not isinstance(parent, _SCOPES):
            if isinstance(parent, (ast.If, ast.IfExp)) and node is not parent.test:
                body = parent.body if isinstance(parent.body, list) else [parent.body]
                found |= _facts(parent.test, node in body)
            node, parent = parent, self._parents.get(id(parent))
        return found

    def _facts_of_choice(self, call: ast.Call) -> FrozenSet[Fact]:
        """What is true if the entry point is what is called, and not another class."""
        chosen = [
            each.facts
            for each in self._bindings(call.func, None)
            if getattr(each.value, "attr", getattr(each.value, "id", "")) in _ENTRY_NAMES
        ]
        return frozenset.intersection(*chosen) if chosen else frozenset()

    def _bindings(self, node: ast.expr, signature: Optional[Signature]) -> Iterator[Binding]:
        """What an expression may be; with a signature, what it gives for a context."""
        if isinstance(node, ast.IfExp):
            yield from self._alternatives(node, signature)
            return
        wanted = _text(node)
        for each in self._around(node):
            if isinstance(each, ast.Assign) and any(_text(target) == wanted for target in each.targets):
                yield from self._alternatives(each.value, signature)
            elif (
                isinstance(each, ast.Assign) and signature is not None and _is_item(each.targets[0], wanted, signature)
            ):
                yield self._binding(each.value, each, None)
            elif isinstance(each, ast.FunctionDef) and isinstance(node, ast.Attribute) and each.name == node.attr:
                for inner in ast.walk(each):  # a property
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        yield from self._alternatives(inner.value, signature)

    def _alternatives(self, value: ast.expr, signature: Optional[Signature]) -> Iterator[Binding]:
        for each in [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]:
            yield self._binding(each, each, signature)

    def _binding(self, value: ast.expr, node: ast.AST, signature: Optional[Signature]) -> Binding:
        given = value if signature is None else _context_in(value, signature)
        absent = given is None or (isinstance(given, ast.Constant) and given.value is None)
        return Binding(None if absent else given, self._facts_at(node), node, self._scope(node))

    def _around(self, node: ast.expr) -> List[ast.AST]:
        """Where it may be bound: the function, or for an attribute the class."""
        scope = self._scope(node)
        while isinstance(node, ast.Attribute) and isinstance(scope, _FUNCTIONS):
            scope = self._scope(self._parents[id(scope)])
        return [each for each in ast.walk(scope) if isinstance(node, ast.Attribute) or self._scope(each) is scope]

    def _scope(self, node: ast.AST) -> ast.AST:
        while not isinstance(node, _SCOPES):
            node = self._parents.get(id(node), self._tree)
        return node

    def _changes(self, given: Binding, call: ast.Call) -> bool:
        """Whether a condition may have changed after it was looked at, or what it is about: in this function, or in
        another one but for `__init__`, which came before.
        """
        subjects = {fact.subject for fact in given.facts}
        end = call.lineno if self._scope(call) is given.function else sys.maxsize
        for each in ast.walk(self._parents.get(id(given.function), self._tree)):
            if isinstance(getattr(each, "ctx", None), ast.Store) and any(
                _text(each) in subject for subject in subjects
            ):
                function = self._scope(each)
                if function is given.function:
                    if given.line < getattr(each, "lineno", 0) < end:
                        return True
                elif isinstance(each, ast.Attribute) and getattr(function, "name", "") != "__init__":
                    return True
        return False


def _given(call: ast.Call, signature: Signature) -> List[ast.expr]:
    """What a call passes for its context, or unpacks."""
    for keyword in call.keywords:
        if keyword.arg == signature.parameter:
            return [keyword.value]
    if len(call.args) > signature.position and not any(isinstance(arg, ast.Starred) for arg in call.args):
        return [call.args[signature.position]]
    return [keyword.value for keyword in call.keywords if keyword.arg is None]


def _context_in(value: ast.expr, signature: Signature) -> Optional[ast.expr]:
    """The context in a dict that is unpacked; anything else is one."""
    if isinstance(value, ast.Dict):
        for key, each in zip(value.keys, value.values):
            if isinstance(key, ast.Constant) and key.value == signature.parameter:
                return each
        return None
    if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "dict":
        return next((each.value for each in value.keywords if each.arg == signature.parameter), None)
    return value


def _is_item(target: ast.expr, wanted: str, signature: Signature) -> bool:
    """`options["context"]`."""
    if not isinstance(target, ast.Subscript) or _text(target.value) != wanted:
        return False
    return repr(signature.parameter) in ast.dump(target.slice)


def _facts(test: ast.expr, truth: bool) -> FrozenSet[Fact]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _facts(test.operand, not truth)
    if isinstance(test, ast.BoolOp):
        # of an "and" that is false it is not known which part is
        parts = test.values if isinstance(test.op, ast.And) == truth else []
        return frozenset(fact for part in parts for fact in _facts(part, truth)) or frozenset([_fact(test, truth)])
    return frozenset([_fact(test, truth)])


def _fact(test: ast.expr, truth: bool) -> Fact:
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        if isinstance(test.ops[0], (ast.Eq, ast.Is)):
            return Fact(_text(test.left), _text(test.comparators[0]), truth)
        if isinstance(test.ops[0], (ast.NotEq, ast.IsNot)):
            return Fact(_text(test.left), _text(test.comparators[0]), not truth)
    return Fact(_text(test), "", truth)


def _implied(facts: FrozenSet[Fact], known: FrozenSet[Fact]) -> bool:
    """Whether all of these follow from what is known; that there are none says nothing."""
    return bool(facts) and all(fact in known or _differs(fact, known) for fact in facts)


def _excluded(facts: FrozenSet[Fact], known: FrozenSet[Fact]) -> bool:
    """Whether one of these cannot be."""
    return any(_implied(frozenset([fact._replace(truth=not fact.truth)]), known) for fact in facts)


def _differs(fact: Fact, known: FrozenSet[Fact]) -> bool:
    """`mode != A`, if `mode == B`."""
    return not fact.truth and any(
        each.truth and each.subject == fact.subject and _are_different(each.other, fact.other) for each in known
    )


def _are_different(a: str, b: str) -> bool:
    """Whether these are two constants, or two names as members of an Enum have; one of each may be equal."""
    return a != b and any(a.startswith(kind) and b.startswith(kind) for kind in ("Constant(", "Attribute("))


def _follows(given: Binding, missing: Binding) -> bool:
    """Whether it is given after it was missing."""
    return given.function is missing.function and given.line > missing.line


def _text(node: ast.AST) -> str:
    """The same for the same expression, wherever it stands; from 3.15 on `ctx=Load()` is not written."""
    return _CONTEXT.sub("", ast.dump(node))

"""What an expression may be."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, List, Optional

from ._base import constants_of, one, union
from ._conditions import Conditions
from ._strings import concatenated, formatted, is_host_port, shaped
from ._values import (
    ANYTHING,
    NOTHING,
    WRITTEN,
    Const,
    Function,
    FunctionInfo,
    HostPort,
    Mapping,
    Values,
)


class Expressions(Conditions):
    """Reads expressions."""

    def eval(self, node: Optional[ast.AST]) -> Values:
        """What `node` may be; what it does is done."""
        if node is None:
            return NOTHING
        method: Optional[Callable[[Any], Values]] = getattr(self, "eval_" + type(node).__name__, None)
        if method is not None:
            return method(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.eval(child)
        return ANYTHING

    # Constants and names

    def eval_Constant(self, node: ast.Constant) -> Values:
        value = node.value
        if value is None:
            return one(WRITTEN)
        if isinstance(value, str) and is_host_port(value):
            return frozenset([HostPort(value), Const(value)])
        return one(Const(value)) if isinstance(value, (str, int, bytes, float)) else ANYTHING

    def eval_Name(self, node: ast.Name) -> Values:
        return self.lookup(node.id)

    def eval_NamedExpr(self, node: ast.NamedExpr) -> Values:
        values = self.eval(node.value)
        self.assign(node.target, values)
        return values

    def eval_Attribute(self, node: ast.Attribute) -> Values:
        return self.attribute(self.eval(node.value), node.attr, node)

    def eval_Await(self, node: ast.Await) -> Values:
        return self.eval(node.value)

    def eval_Starred(self, node: ast.Starred) -> Values:
        return self.eval(node.value)

    def eval_Yield(self, node: ast.Yield) -> Values:
        self.frame.returned.append(self.eval(node.value))
        if self.frame.function is not None and self.frame.function.kind == "manager":
            self.frame.yielded.append(self.state.fork())
        return ANYTHING

    def eval_YieldFrom(self, node: ast.YieldFrom) -> Values:
        self.frame.returned.append(self.elements(self.eval(node.value)))
        return ANYTHING

    # Operators

    def eval_JoinedStr(self, node: ast.JoinedStr) -> Values:
        parts: List[Values] = []
        for part in node.values:
            value = part.value if isinstance(part, ast.FormattedValue) else part
            parts.append(self.eval(value))
        constant = concatenated(parts)
        shape = "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
        return constant or shaped(shape)

    def eval_BinOp(self, node: ast.BinOp) -> Values:
        # Terms of a long sum nest to the left: no recursion there.
        spine: List[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            spine.append(left)
            left = left.left
        values = self.eval(left)
        first = left
        for each in reversed(spine):
            values = self._binary(each, values, self.eval(each.right))
        if isinstance(node.op, ast.Add) and not constants_of(values) and len(spine) < 8:
            terms = [first, *(each.right for each in reversed(spine))]
            shape = "".join(
                term.value if isinstance(term, ast.Constant) and isinstance(term.value, str) else "\0" for term in terms
            )
            return values | shaped(shape)
        return values

    def _binary(self, node: ast.BinOp, left: Values, right: Values) -> Values:
        if isinstance(node.op, ast.Add):
            sequences = self._added(left, right, node)
            return sequences or concatenated([left, right]) or ANYTHING
        if isinstance(node.op, ast.Mod):
            return formatted(left, right)
        if isinstance(node.op, ast.BitOr):
            dicts = [value for value in left | right if isinstance(value, Mapping)]
            if dicts:
                return self._merged(node, [self.dict_(value) for value in dicts], len(dicts) < 2)
            return left | right  # of types, in an annotation
        return ANYTHING

    def eval_Compare(self, node: ast.Compare) -> Values:
        self.eval(node.left)
        for each in node.comparators:
            self.eval(each)
        return ANYTHING

    def eval_UnaryOp(self, node: ast.UnaryOp) -> Values:
        values = self.eval(node.operand)
        if isinstance(node.op, ast.Not):
            truths = {self.truth_of(value) for value in values}
            constants = [value for value in values if isinstance(value, Const)]
            if len(truths) == 1 and None not in truths and len(constants) == len(values):
                return frozenset(Const(not value.value, value.passed) for value in constants)
        return ANYTHING

    # Choices

    def eval_IfExp(self, node: ast.IfExp) -> Values:
        self.eval(node.test)
        found: List[Values] = []

        def branch(expression: ast.expr, truth: bool) -> Callable[[], None]:
            def run() -> None:
                contradicts = self.contradicts(node.test, truth)
                self.assume(node.test, truth)
                if not self.state.dead and not contradicts:
                    found.append(self.eval(expression))

            return run

        self.branches([branch(node.body, True), branch(node.orelse, False)])
        return union(found)

    def eval_BoolOp(self, node: ast.BoolOp) -> Values:
        is_or = isinstance(node.op, ast.Or)
        found: List[Values] = []
        before = self.state
        left = []
        for index, value in enumerate(node.values):
            values = self.eval(value)
            if index < len(node.values) - 1:
                kept = frozenset(v for v in values if self.truth_of(v) in (is_or, None))
                found.append(kept)
                left.append(self.state.fork())
                self.assume(value, not is_or)
                if self.state.dead:
                    break
            else:
                found.append(values)
        if self.state.dead:
            self.state = left.pop() if left else before
            self.state.dead = before.dead
        self.state = self.join([*left, self.state])
        return union(found)

    # Functions

    def eval_Lambda(self, node: ast.Lambda) -> Values:
        info = FunctionInfo(node, self.frame.scope, self.frame.cls, self.defaults_of(node.args), "")
        self.defined(info)
        return one(Function(info))

    def defaults_of(self, arguments: ast.arguments) -> Dict[str, Values]:
        """The default of each parameter that has one."""
        positional = [*arguments.posonlyargs, *arguments.args]
        with_default = positional[len(positional) - len(arguments.defaults) :]
        found = {arg.arg: self.eval(default) for arg, default in zip(with_default, arguments.defaults)}
        for arg, kw_default in zip(arguments.kwonlyargs, arguments.kw_defaults):
            if kw_default is not None:
                found[arg.arg] = self.eval(kw_default)
        return found

    def defined(self, info: FunctionInfo) -> None:
        """A function was defined."""
        raise NotImplementedError

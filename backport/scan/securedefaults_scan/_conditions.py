"""What is known of variables where a condition holds, or does not."""

from __future__ import annotations

import ast
from typing import Any, Callable, List, Optional, Tuple

from ._base import WISHES, one
from ._containers import Containers
from ._paths import PATHS, Fact, consistent, facts_of, learned_from
from ._rules import BASES
from ._syntax import is_none, key_of
from ._values import (
    ABSENT,
    ANYTHING,
    NOTHING,
    WRITTEN,
    Class,
    Const,
    Context,
    DefaultContext,
    Function,
    Instance,
    Mapping,
    Method,
    NoneValue,
    Partial,
    Sequence,
    Symbol,
    Unknown,
    Value,
    Values,
)
from ._wishes import is_wish

_NONES: Values = frozenset(value for value in (WRITTEN, NoneValue("defaulted"), NoneValue("initial")))


class Conditions(Containers):
    """Goes on as if a condition held."""

    def assume(self, test: ast.expr, truth: bool) -> None:
        """Go on as if `test`, which has been evaluated, were true, or false."""
        if self.state.dead:
            return
        if is_wish(test):
            self.state.heap[WISHES] = self.state.heap.get(WISHES, frozenset()) | {(key_of(test), truth)}
        self._narrow(test, truth)
        facts = facts_of(test, truth, self.subject_of)
        if not facts and isinstance(test, ast.Call):
            # nothing is known of another call of it; but what follows this one belongs together
            subject = "outcome", key_of(test)
            self.forget(subject)
            facts = [Fact(subject, None, truth)]
        if facts and not self.state.dead:
            paths = self.paths
            learned = [each for fact in facts for each in learned_from(fact, paths.choices.get(fact.subject, ()))]
            self.state.heap[PATHS] = paths.with_facts([*facts, *learned])

    def contradicts(self, test: ast.expr, truth: bool) -> bool:
        """Whether an earlier test of the same thing came out otherwise."""
        return not consistent(frozenset(facts_of(test, truth, self.subject_of)), self.paths.facts)

    def _narrow(self, test: ast.expr, truth: bool) -> None:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self.assume(test.operand, not truth)
        elif isinstance(test, ast.BoolOp):
            self._assume_all(test, truth)
        elif isinstance(test, ast.NamedExpr):
            self.assume(test.target, truth)
        elif isinstance(test, (ast.Name, ast.Attribute)):
            self._keep(test, lambda value: self.truth_of(value) in (truth, None))
        elif isinstance(test, ast.Compare) and len(test.ops) == 1:
            self._assume_comparison(test, truth)
        elif isinstance(test, ast.Call):
            self._assume_call(test, truth)

    def _assume_all(self, test: ast.BoolOp, truth: bool) -> None:
        if isinstance(test.op, ast.And) == truth:
            for value in test.values:
                self.assume(value, truth)
            return
        # one of them decides, those before it did not
        ends = []
        before = self.state
        for value in test.values:
            self.state = before.fork()
            self.assume(value, truth)
            ends.append(self.state)
            self.state = before
            self.assume(value, not truth)
            before = self.state
            if before.dead:
                break
        self.state = self.join(ends)

    def _assume_comparison(self, test: ast.Compare, truth: bool) -> None:
        op, left, right = test.ops[0], test.left, test.comparators[0]
        if isinstance(op, (ast.IsNot, ast.NotEq, ast.NotIn)):
            truth = not truth
        if isinstance(op, (ast.In, ast.NotIn)):
            self._assume_in(left, right, truth)
            return
        if not isinstance(op, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)):
            return
        if isinstance(left, ast.NamedExpr):
            left = left.target
        if isinstance(left, ast.Call):
            self._assume_got(left, right, truth)
            return
        if not isinstance(right, ast.Constant) or not isinstance(left, (ast.Name, ast.Attribute)):
            return
        constant = right.value
        if constant is None:
            self._keep(left, lambda value: isinstance(value, (NoneValue, Unknown)) if truth else value not in _NONES)
        else:
            self._keep(left, lambda value: self._may_equal(value, constant, truth))

    def _assume_in(self, key: ast.expr, container: ast.expr, truth: bool, without: Values = NOTHING) -> None:
        if not truth or not isinstance(key, ast.Constant) or not isinstance(container, (ast.Name, ast.Attribute)):
            return
        for value in self.eval(container):
            if isinstance(value, Mapping):
                state = self.dict_(value)
                present = (state.get(key.value) or NOTHING) - one(ABSENT) - without
                self.put(value, state.put(key.value, present or ANYTHING))

    def _assume_got(self, test: ast.Call, right: ast.expr, truth: bool) -> None:
        """`options.get("context") is not None`"""
        if is_none(right) and not truth:
            self._assume_item(test)

    def _assume_item(self, test: ast.Call) -> None:
        """Go on as if `options.get("context")` were true."""
        if isinstance(test.func, ast.Attribute) and test.func.attr == "get" and test.args:
            self._assume_in(test.args[0], test.func.value, True, _NONES)

    def _assume_call(self, test: ast.Call, truth: bool) -> None:
        if truth:
            self._assume_item(test)
        is_isinstance = isinstance(test.func, ast.Name) and test.func.id == "isinstance" and len(test.args) == 2
        if not is_isinstance or not isinstance(test.args[0], (ast.Name, ast.Attribute)):
            return
        target = test.args[0]
        classes = self.eval(test.args[1])
        members: List[Value] = []
        for value in classes:
            members += self.sequence(value).all() if isinstance(value, Sequence) else [value]
        made = frozenset(
            instance
            for instance in (self.instance_of(member, self.site(test)) for member in members)
            if instance is not None
        )
        if truth:
            present = self.eval(target)
            if made and any(isinstance(value, Unknown) for value in present):
                self.assign(target, made)
            else:
                self._keep(target, lambda value: not isinstance(value, NoneValue))

    def instance_of(self, cls: Value, site: Tuple[Any, ...]) -> Optional[Value]:
        """An object of a class; None if the class is none that matters."""
        if isinstance(cls, Symbol) and cls.name in BASES:
            return Instance(cls.name, site)
        if isinstance(cls, Class):
            return Instance(cls.info, ("self",))
        return None

    def decides(self, constant: Const) -> bool:
        """Whether branches depend on it. A constant in a variable is there to be changed."""
        return constant.passed

    def truth_of(self, value: Value) -> Optional[bool]:
        """Whether a value counts as true; None if that is not known."""
        if isinstance(value, NoneValue):
            return False
        if isinstance(value, Const):
            return bool(value.value) if self.decides(value) else None
        if isinstance(value, (Instance, Context, Class, Function, Method, Partial, DefaultContext)):
            return True
        return None

    def _may_equal(self, value: Value, constant: object, truth: bool) -> bool:
        if isinstance(value, Const) and self.decides(value):
            return bool(value.value == constant) == truth
        return not (truth and isinstance(value, (NoneValue, Instance, Context)))

    def _keep(self, target: ast.expr, test: Callable[[Value], bool]) -> None:
        """Drop from a variable or attribute what it cannot be."""
        values = self.eval(target)
        kept = frozenset(value for value in values if test(value))
        if kept == values:
            return
        paths = self.state.heap.get(PATHS)
        if kept:
            self.assign(target, kept)
        elif isinstance(target, ast.Name) and target.id in self.state.names and not self.frame.is_module:
            self.state.dead = True
        else:
            self.assign(target, NOTHING)  # somebody else may have set it
        if paths is not None:
            self.state.heap[PATHS] = paths  # nothing was written

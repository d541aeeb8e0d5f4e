"""Branches and loops."""

from __future__ import annotations

import ast
from typing import Any, Callable, List, Optional, Sequence, Union

from ._base import one, union
from ._exceptions import Exceptions
from ._syntax import is_type_checking
from ._values import ABSENT, Const, Mapping, SequenceState, State, Values
from ._values import Sequence as Items

#: loops over more items than these are read as if each could be any
_MOST_ROUNDS = 8


class Branches(Exceptions):
    """Reads if, match, for and while."""

    def __init__(self) -> None:
        super().__init__()
        self._for_typing = 0

    def do_If(self, node: ast.If) -> None:
        ends: List[State] = []
        following: Optional[ast.If] = node
        while following is not None:  # a long chain of elif nests deeply
            self.eval(following.test)
            rest = self.state.fork()
            self.assume(following.test, True)
            typing = is_type_checking(following.test)
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
            none = ast.Compare(left=subject, ops=[ast.Is()], comparators=[ast.Constant(value=None)])
            self.assume(ast.copy_location(none, pattern), True)
        elif type(pattern).__name__ == "MatchValue" and isinstance(pattern.value, ast.Constant):
            equal = ast.Compare(left=subject, ops=[ast.Eq()], comparators=[pattern.value])
            self.assume(ast.copy_location(equal, pattern), True)

    def do_For(self, node: Union[ast.For, ast.AsyncFor]) -> None:
        iterated = self.eval(node.iter)
        rounds = self._known_rounds(iterated)
        if rounds and len(self.frame.loops) < 2:
            self._unrolled(node, rounds)
        else:
            self._loop(node, lambda: self.assign(node.target, self.elements(iterated)), None)

    def _known_rounds(self, iterated: Values) -> Sequence[Values]:
        """What a loop goes through one by one, if that is known, and is not much."""
        if len(iterated) != 1:
            return ()
        value = next(iter(iterated))
        items = self.items_of(value)
        if isinstance(value, Mapping) and not self.dict_(value).more and not self.dict_(value).rest:
            items = tuple(one(Const(key)) for key, values in self.dict_(value).known if ABSENT not in values)
        return items if items is not None and len(items) <= _MOST_ROUNDS else ()

    def _decisive(self, values: Values) -> Values:
        """The same, and branches depend on the constants among them: in each round it is known which they are."""
        found: List[Values] = []
        for value in values:
            items = self.sequence(value).items if isinstance(value, Items) else None
            if items is not None:
                state = SequenceState(tuple(self._decisive(item) for item in items))
                found.append(self.new(Items("round", *value.key), state))
            else:
                found.append(one(Const(value.value, True) if isinstance(value, Const) else value))
        return union(found)

    def _unrolled(self, node: Union[ast.For, ast.AsyncFor], rounds: Sequence[Values]) -> None:
        again: List[State] = []
        left: List[State] = []
        self.frame.loops.append((again, left))
        for values in rounds:
            if not self.state.dead:
                self.assign(node.target, self._decisive(values))
                self.body(node.body)
            self.state = self.join([self.state, *again])
            again.clear()
        self.frame.loops.pop()
        if not self.state.dead:
            self.body(node.orelse)
        self.state = self.join([*left, self.state])

    do_AsyncFor = do_For  # noqa: N815

    def do_While(self, node: ast.While) -> None:
        def begin() -> None:
            self.eval(node.test)
            self.assume(node.test, True)

        self._loop(node, begin, node.test)

    def _loop(self, node: Any, begin: Callable[[], None], test: Optional[ast.expr]) -> None:
        again: List[State] = []
        left: List[State] = []
        self.frame.loops.append((again, left))
        rounds = 1 if len(self.frame.loops) > 2 else 2
        forever = isinstance(test, ast.Constant) and bool(test.value)
        after = self.state.fork()
        for _ in range(rounds):
            begin()
            if not self.state.dead:
                self.body(node.body)
            self.state = after = self.join([after, self.state, *again])
            self.state = self.state.fork()
        self.frame.loops.pop()
        if not forever:
            self._not_left(node, test)
            left.append(self.state)
        self.state = self.join(left) if left else after

    def _not_left(self, node: Any, test: Optional[ast.expr]) -> None:
        """The end of a loop that no break has left."""
        after = self.state.fork()
        if test is not None:
            self.assume(test, False)
            if self.state.dead:
                self.state = after
        self.body(node.orelse)

    def do_Break(self, node: ast.Break) -> None:
        self._leave(1)

    def do_Continue(self, node: ast.Continue) -> None:
        self._leave(0)

    def _leave(self, which: int) -> None:
        if self.frame.loops:
            self.frame.loops[-1][which].append(self.state.fork())
        self.state.dead = True

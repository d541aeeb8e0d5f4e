"""Conditions that belong together: what a variable is where a test comes out as it did when the variable was set.

    context = ssl.create_default_context() if tls else None
    if tls:
        connection.starttls(context=context)  # not None

A *subject* is what a test is about: a variable or an attribute, by its key in the State, or a part of such a thing. A
*fact* is how a test of it came out. Facts are forgotten when the subject is written. That a call may change the
subject behind our back is not considered, unless the call is followed.
"""

from __future__ import annotations

import ast
import functools
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Tuple

from ._rules import BASES
from ._syntax import ast_text
from ._values import ABSENT, NOTHING, Const, Context, Instance, Mapping, NoneValue, Symbol, Value, Values

#: where they are in the heap of a State
PATHS = ("paths",)
#: more ways to get to a place than these are not told apart
_MOST = 8

Subject = Tuple[Any, ...]
#: `("constant", type, value)` or `("name", dotted name, "")`
Constant = Tuple[Any, Any, Any]


class Fact(NamedTuple):
    """How a test came out: whether the subject is one of these constants; with None for them, whether it is true."""

    subject: Subject
    among: Optional[FrozenSet[Constant]]
    truth: bool


Facts = FrozenSet[Fact]
#: what something is on each of the paths that came together
Choice = Tuple[Tuple[Facts, Values], ...]


class Paths(NamedTuple):
    """The facts on the way to a place, and what depends on others; `about` has all that those are about, and more."""

    facts: Facts
    choices: Dict[Subject, Choice]
    about: FrozenSet[Subject]

    def with_facts(self, facts: List[Fact]) -> Paths:
        return Paths(self.facts.union(facts), self.choices, self.about.union(*(_roots(fact.subject) for fact in facts)))

    def without(self, gone: Callable[[Subject], bool]) -> Paths:
        """Forget what is about a subject that has been written."""
        choices = {
            key: tuple((_kept(facts, gone), values) for facts, values in choice)
            for key, choice in self.choices.items()
            if not gone(key)
        }
        return Paths(_kept(self.facts, gone), choices, frozenset(key for key in self.about if not gone(key)))


NOWHERE = Paths(frozenset(), {}, frozenset())


def _kept(facts: Facts, gone: Callable[[Subject], bool]) -> Facts:
    return frozenset(fact for fact in facts if not any(gone(root) for root in _roots(fact.subject)))


def _roots(subject: Subject) -> Iterable[Subject]:
    """The subject itself and what it is a part of."""
    yield subject
    for whole in {"part": subject[1:2], "test": subject[1]}.get(subject[0], ()):
        yield from _roots(whole)


def outliving(choice: Choice, gone: Callable[[Subject], bool]) -> Choice:
    """The same where some subjects are no more."""
    return tuple((_kept(facts, gone), values) for facts, values in choice)


def is_telling(a: Paths, b: Paths) -> bool:
    """Whether it can be told later by which of the two a place was reached."""
    return bool(a.choices or b.choices) or not consistent(a.facts - b.facts, b.facts - a.facts)


def join_paths(a: Paths, b: Paths, changed: Dict[Subject, Tuple[Values, Values]]) -> Paths:
    """Two paths come together; `changed` is what is not the same on both."""
    common = a.facts & b.facts
    only_a, only_b = a.facts - common, b.facts - common
    telling = not consistent(only_a, only_b)
    choices: Dict[Subject, Choice] = {}
    for key in {*changed, *a.choices, *b.choices}:
        left, right = a.choices.get(key), b.choices.get(key)
        if left is not None and left == right:
            choices[key] = left
        elif key in changed and (telling or left or right) and _matters(changed[key]):
            one, two = changed[key]
            merged = (*_on(left, one, only_a), *_on(right, two, only_b))
            if len(merged) <= _MOST:
                choices[key] = merged
    return Paths(common, choices, a.about | b.about)


def _matters(values: Tuple[Values, Values]) -> bool:
    return any(
        value == ABSENT
        or isinstance(value, (NoneValue, Context, Mapping))
        or (isinstance(value, Const) and isinstance(value.value, bool))
        or (isinstance(value, Symbol) and value.name in BASES)
        for each in values
        for value in each
    )


def _on(choice: Optional[Choice], values: Values, facts: Facts) -> Iterable[Tuple[Facts, Values]]:
    if choice is None:
        return [(facts, values)]
    return [(facts | others, each) for others, each in choice]


def chosen(choice: Choice, facts: Facts) -> Values:
    """What something is, as far as these facts tell."""
    return NOTHING.union(*(values for needed, values in choice if consistent(needed, facts)))


def learned_from(fact: Fact, choice: Choice) -> Facts:
    """What else is known where a variable is known: `if failed:`, after `failed = True` in an except clause."""
    ways = [facts for facts, values in choice if any(_may_be(value, fact) for value in values)]
    return ways[0].intersection(*ways[1:]) if ways else frozenset()


def _may_be(value: Value, fact: Fact) -> bool:
    if isinstance(value, (NoneValue, Const)):
        constant = value.value if isinstance(value, Const) else None
        one = Fact(fact.subject, literal(constant), True)
        return _implied(one, fact.among) in (fact.truth, None)
    # an object is true, and none of the literals
    return fact.truth == (fact.among is None) if isinstance(value, (Instance, Context)) else True


def consistent(facts: Facts, others: Facts) -> bool:
    """Whether all of them can be true at once."""
    return not any(
        fact.subject == other.subject and _implied(fact, other.among) == (not other.truth)
        for fact in facts
        for other in others
    )


def _implied(fact: Fact, among: Optional[FrozenSet[Constant]]) -> Optional[bool]:
    """How another test of the same subject comes out; None if that is open."""
    if fact.among == among:
        return fact.truth
    if fact.among is None or among is None:
        return _by_truth(fact, among)
    if fact.truth:
        return True if fact.among <= among else False if _differ(fact.among, among) else None
    return False if among <= fact.among else None


def _by_truth(fact: Fact, among: Optional[FrozenSet[Constant]]) -> Optional[bool]:
    constants = (fact.among or frozenset()) | (among or frozenset())
    truths = {bool(constant[2]) if constant[0] == "constant" else None for constant in constants}
    if len(truths) != 1 or None in truths:
        return None
    if among is None:
        return truths.pop() if fact.truth else None
    return None if fact.truth in truths else False


def _differ(some: FrozenSet[Constant], others: FrozenSet[Constant]) -> bool:
    """Whether none of these equals one of the others: literals, or members of one Enum or the like."""
    kinds = {constant[0] if constant[0] == "constant" else constant[1].rpartition(".")[0] for constant in some | others}
    return len(kinds) == 1 and not some & others


def literal(value: object) -> FrozenSet[Constant]:
    kind = float if isinstance(value, (int, float)) else type(value)  # 1, 1.0 and True are equal
    return frozenset([("constant", kind, value)])


def constants_in(node: ast.expr) -> Optional[FrozenSet[Constant]]:
    """The constants that something is compared with; None if it is no constant."""
    if isinstance(node, ast.Constant):
        return literal(node.value)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        members = [constants_in(each) for each in node.elts]
        if not all(isinstance(each, (ast.Constant, ast.Name, ast.Attribute)) for each in node.elts):
            return None
        return None if None in members else frozenset().union(*(member for member in members if member))
    text = ast_text(node)
    return frozenset([("name", text, "")]) if _is_constant_name(text) else None


def _is_constant_name(text: str) -> bool:
    """`IMPLICIT` and `Mode.IMPLICIT`, `Mode.implicit`."""
    owner, _, last = text.rpartition(".")
    return last.isupper() or owner.rpartition(".")[2][:1].isupper()


def facts_of(test: ast.expr, truth: bool, subject_of: Callable[[ast.expr], Optional[Subject]]) -> List[Fact]:
    """What is known where a test has come out as true, or false."""
    if isinstance(test, ast.Compare):
        among, subject = _compared_with(test), subject_of(test.left)
        if among is not None and subject is not None:
            return [Fact(subject, among, truth != isinstance(test.ops[0], (ast.IsNot, ast.NotEq, ast.NotIn)))]
    if isinstance(test, (ast.BoolOp, ast.Compare)):
        text, parts = _whole(test)
        subjects = [subject_of(node) for node in parts]
        return [] if not parts or None in subjects else [Fact(("test", tuple(subjects), text), None, truth)]
    subject = subject_of(test)
    return [] if subject is None else [Fact(subject, None, truth)]


def _compared_with(test: ast.Compare) -> Optional[FrozenSet[Constant]]:
    """The constants that something is, or is not, one of; None for any other comparison."""
    op, right = test.ops[0], test.comparators[0]
    if len(test.ops) > 1 or not isinstance(op, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.In, ast.NotIn)):
        return None
    if isinstance(right, (ast.Tuple, ast.List, ast.Set)) != isinstance(op, (ast.In, ast.NotIn)):
        return None
    return constants_in(right)


@functools.lru_cache(maxsize=100)
def _whole(test: ast.expr) -> Tuple[str, List[ast.expr]]:
    """A test as text, and what it depends on; nothing, if that may be anything."""
    nodes = list(ast.walk(test))
    if any(isinstance(node, (ast.Call, ast.Await, ast.NamedExpr)) for node in nodes):
        return "", []
    return ast.dump(test), [node for node in nodes if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript))]

"""What cosmic-ray's own operators do not do: leave out a statement or an argument, and change a text.

These find what matters here most: a context that is not confirmed, a socket that is not cut, a name that is not passed.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, Sequence, Tuple, Type

from cosmic_ray.operators.operator import Example, Operator
from parso.python.tree import Keyword, Name, String

Position = Tuple[Tuple[int, int], Tuple[int, int]]


def _is_docstring(statement: Any) -> bool:
    return statement.children[0].type in ("string", "strings")


class StatementRemoved(Operator):  # type: ignore[misc]
    """`pass` in place of a statement; imports are left, for without them nothing runs."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type != "simple_stmt" or _is_docstring(node):
            return
        if (
            node.children[0].type not in ("import_name", "import_from")
            and node.children[0].get_code().strip() != "pass"
        ):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        statement = node.children[0]
        node.children[0] = Keyword("pass", statement.start_pos, statement.get_first_leaf().prefix)
        return node

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (Example("x = 1\n", "pass\n"),)


class ArgumentRemoved(Operator):  # type: ignore[misc]
    """A call with one argument less."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "trailer" and node.children[0].value == "(":
            for argument in self._arguments(node):
                yield argument.start_pos, argument.end_pos

    @staticmethod
    def _arguments(node: Any) -> Sequence[Any]:
        """Those with a name, and the last of the others: without one before it the rest would be wrong anyhow."""
        inside = node.children[1]
        if inside.type != "arglist":
            return [] if len(node.children) == 2 else [inside]
        arguments = [child for child in inside.children if child.type != "operator"]
        named = [child for child in arguments if child.type == "argument"]
        return arguments[: len(arguments) - len(named)][-1:] + named

    def mutate(self, node: Any, index: int) -> Any:
        inside = node.children[1]
        if inside.type != "arglist":
            del node.children[1]
            return node
        at = inside.children.index(self._arguments(node)[index])
        del inside.children[at : at + 2]  # with the comma behind
        if not inside.children:
            del node.children[1]
        return node

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (Example("f(a, b, c=1)\n", "f(a, c=1)\n"), Example("f(a)\n", "f()\n"))


class TextChanged(Operator):  # type: ignore[misc]
    """The empty text in place of another, and "XX" in place of the empty one."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if isinstance(node, String) and not self._is_documentation(node):
            yield node.start_pos, node.end_pos

    @staticmethod
    def _is_documentation(node: Any) -> bool:
        return node.parent is not None and node.parent.type == "simple_stmt"

    def mutate(self, node: Any, index: int) -> Any:
        prefix = "b" if node.value[0] == "b" else ""
        empty = node.value.lstrip("bru").strip("'\"") == ""
        return String(prefix + ('"XX"' if empty else '""'), node.start_pos, node.prefix)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (Example("x = 'a'\n", 'x = ""\n'), Example("x = ''\n", 'x = "XX"\n'))


class ExceptionChanged(Operator):  # type: ignore[misc]
    """A clause that catches an exception less; cosmic-ray's own fails on a name with a dot."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "except_clause":
            for caught in self._caught(node):
                yield caught.start_pos, caught.end_pos

    @staticmethod
    def _caught(node: Any) -> Sequence[Any]:
        caught = node.children[1]
        if caught.type != "atom":
            return [caught]
        return [child for child in caught.children[1].children if child.type != "operator"]

    def mutate(self, node: Any, index: int) -> Any:
        caught = self._caught(node)[index]
        siblings = caught.parent.children
        siblings[siblings.index(caught)] = Name("GeneratorExit", caught.start_pos, caught.get_first_leaf().prefix)
        return node

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (Example("try: x\nexcept (A, b.C): pass\n", "try: x\nexcept (GeneratorExit, b.C): pass\n"),)


class Provider:
    """What cosmic-ray asks for operators."""

    def __iter__(self) -> Iterator[str]:
        return iter(_OPERATORS)

    def __getitem__(self, name: str) -> Type[Operator]:
        return _OPERATORS[name]


_OPERATORS: Dict[str, Type[Operator]] = {
    cls.__name__: cls for cls in (StatementRemoved, ArgumentRemoved, TextChanged, ExceptionChanged)
}


def is_superfluous(name: str) -> bool:
    """Whether what this operator makes need not be tried.

    `%` and `+` are about texts and sequences here, and any other operator in their place is a TypeError: one will do.
    """
    replaced = name.partition("ReplaceBinaryOperator_")[2]
    one_will_do = replaced.startswith(("Mod_", "Add_")) and not replaced.endswith("_Sub")
    return one_will_do or name == "core/ExceptionReplacer"


def is_mild(name: str) -> bool:
    """Whether it comes last: most of what it makes is noticed in any case."""
    return name in ("more/ArgumentRemoved", "more/TextChanged") or "NumberReplacer" in name

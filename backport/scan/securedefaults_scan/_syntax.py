"""What can be told from the syntax of a statement alone."""

from __future__ import annotations

import ast
from typing import List, Tuple, Union

Place = Union[ast.expr, ast.stmt]
Key = Tuple[int, int, int, int]


def key_of(node: Place) -> Key:
    """The extent of a node, as what it is known by."""
    return (
        node.lineno,
        node.col_offset,
        getattr(node, "end_lineno", None) or node.lineno,
        getattr(node, "end_col_offset", None) or 0,
    )


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


def index_of(node: ast.Subscript) -> ast.expr:
    """What stands in the brackets."""
    index: ast.expr = node.slice
    if type(index).__name__ == "Index":  # up to 3.8
        index = index.value  # type: ignore[attr-defined]
    return index


def is_type_checking(test: ast.expr) -> bool:
    return ast_text(test).rpartition(".")[2] == "TYPE_CHECKING"


def is_generator(node: ast.AST) -> bool:
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


def last_name(node: ast.AST) -> str:
    """The name itself, or that of the attribute; empty for anything else."""
    return str(getattr(node, "attr", getattr(node, "id", "")))


def is_none(node: ast.AST) -> bool:
    """Whether None itself stands there."""
    return isinstance(node, ast.Constant) and node.value is None

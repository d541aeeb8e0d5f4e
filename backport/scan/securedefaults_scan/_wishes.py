"""Whether a condition reads as if somebody asked not to be protected: `if not verify:`, `if args.insecure:`.

What is weak under such a condition is weak on request; what is weak under another one (no CA is configured, a package
is not installed, an old Python) is so for people who never asked.
"""

from __future__ import annotations

import ast
import functools
import re
from typing import Iterator

from ._syntax import is_none

_WISH = re.compile(
    r"verif|valid|secur|unsafe|trust|check|ignor|skip|strict|lax|lenient|loose|bypass|disabl|allow|accept|self_?sign"
    r"|cert_(?:none|req|opt)|debug|dev|test|local|dangerous|force",
    re.IGNORECASE,
)
#: questions about the environment, or about what kind of thing something is
_QUESTIONS = frozenset(["hasattr", "isinstance", "callable", "issubclass"])


@functools.lru_cache(maxsize=1000)  # by the node itself
def is_wish(test: ast.AST) -> bool:
    """Whether a condition, or the name of a function, is about how much is to be checked."""
    words = [test.name] if isinstance(test, (ast.FunctionDef, ast.AsyncFunctionDef)) else _words(test)
    return any(_WISH.search(word) for word in words)


def _words(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _QUESTIONS:
        return
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Is, ast.IsNot)) and is_none(node.comparators[0]):
        return
    for name in ("id", "attr", "name", "value"):
        word = getattr(node, name, None)
        if isinstance(word, str):
            yield word
    for child in ast.iter_child_nodes(node):
        yield from _words(child)

"""Whether a file has to do with the protocols at all."""

from __future__ import annotations

import ast
from typing import Optional

from ._rules import BASES, CLIENTS, DEFINITE, HANDLER_NAME, POSSIBLE

_NAMES = frozenset(name.rpartition(".")[2] for name in BASES if name != HANDLER_NAME)


def subject(tree: ast.AST) -> Optional[str]:
    """DEFINITE if the file is a client of its own, POSSIBLE if it uses one, else None.

    A client of its own has a class with the name of one in the standard library, such as IMAP4.
    """
    imports = False
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in _NAMES:
            return DEFINITE
        if isinstance(node, ast.Import):
            imports = imports or any(alias.name in CLIENTS for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imports = imports or (node.module in CLIENTS and not node.level)
    return POSSIBLE if imports else None

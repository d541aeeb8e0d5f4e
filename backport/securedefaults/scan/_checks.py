"""Whether a file checks certificates by itself, after the handshake."""

from __future__ import annotations

import ast
import re

#: names of what checks a connection: `validatesocket(server.sock)`
_CHECK = re.compile(r"(?:verif|valid|check)\w*(?:sock|cert|peer|host)|finger_?print", re.IGNORECASE)


def checks_certificates(tree: ast.AST) -> bool:
    """Whether it compares names or fingerprints, or has somebody check the socket of a connection."""
    return any(_is_check(node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _is_check(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name == "match_hostname":
        return True
    if name == "getpeercert":
        given = [*call.args, *(each.value for each in call.keywords if each.arg == "binary_form")]
        return any(isinstance(each, ast.Constant) and each.value is True for each in given)
    return bool(_CHECK.search(name)) and any(getattr(each, "attr", "") == "sock" for each in call.args)

"""Whether a file checks certificates by itself, after the handshake."""

from __future__ import annotations

import ast
import re

from ._syntax import last_name

#: names of what checks a connection: `validatesocket(server.sock)`
_CHECK = re.compile(r"(?:verif|valid|check)\w*(?:sock|cert|peer|host)|finger_?print", re.IGNORECASE)


def compares_certificates(tree: ast.AST) -> bool:
    """Whether it compares names, or certificates with what it has stored: if it is told to."""
    return any(_is_comparison(node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def has_sockets_checked(tree: ast.AST) -> bool:
    """Whether somebody is to check the socket of a connection."""
    return any(_is_check(node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _is_comparison(call: ast.Call) -> bool:
    name = last_name(call.func)
    if name == "match_hostname":
        return True
    if name == "getpeercert":
        given = [*call.args, *(each.value for each in call.keywords if each.arg == "binary_form")]
        return any(isinstance(each, ast.Constant) and each.value is True for each in given)
    return False


def _is_check(call: ast.Call) -> bool:
    return bool(_CHECK.search(last_name(call.func))) and any(getattr(each, "attr", "") == "sock" for each in call.args)

"""Which functions of a file have to do with TLS: calls of the others are not followed."""

from __future__ import annotations

import ast
from typing import Dict, FrozenSet, Iterable, List, Set, Tuple

from ._rules import BASES, CLIENTS, HANDLER_NAME, TELLING

_SEEDS = frozenset(
    [
        *CLIENTS,
        *(name.rpartition(".")[2] for name in BASES),
        *TELLING,
        HANDLER_NAME.rpartition(".")[2],
        *("ssl", "SSLContext", "create_default_context", "_create_unverified_context", "_create_stdlib_context"),
        *(
            "verify_mode",
            "check_hostname",
            "wrap_socket",
            "load_verify_locations",
            "load_default_certs",
            "import_module",
        ),
    ]
)
#: how far away from TLS a function may be, in calls
_ROUNDS = 3
_ENDS = {"exit", "_exit", "abort", "fail"}
_Functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def relevant(tree: ast.AST) -> FrozenSet[int]:
    """The `id()` of each function's node of which a call may matter."""
    functions: List[Tuple[ast.AST, str, FrozenSet[str]]] = []
    assigned: List[Tuple[FrozenSet[str], FrozenSet[str]]] = []
    seeds: Set[str] = set(_SEEDS)
    chosen: Set[int] = set()
    owners: Dict[int, str] = {}
    methods: List[Tuple[ast.AST, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for child in node.body:
                owners[id(child)] = node.name
                if isinstance(child, _Functions):
                    methods.append((child, node.name))
            assigned.append((frozenset([node.name]), _names(node.bases)))
        if isinstance(node, _Functions):
            functions.append((node, getattr(node, "name", ""), _names([node])))
            if _passes_on(node, id(node) in owners) or getattr(node, "name", "") == "__getattr__":
                chosen.add(id(node))
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            assigned.append((_names(targets) - {"self"}, _names([node.value])))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            module = getattr(node, "module", None) or ""
            for alias in node.names:
                if alias.asname and ({alias.name, module.partition(".")[0]} & _SEEDS or alias.name in _SEEDS):
                    seeds.add(alias.asname)
    unpacked = _unpacked(tree, assigned)
    chosen |= {id(node) for node, name, _ in functions if name in unpacked}
    for _ in range(_ROUNDS):
        changed = False
        for bound, names in assigned:
            if names & seeds and not bound <= seeds:
                seeds |= bound
                changed = True
        for node, owner in methods:
            if owner in seeds and id(node) not in chosen:
                chosen.add(id(node))
                changed = True
        known = frozenset(seeds)
        for node, name, names in functions:
            if id(node) not in chosen and names & known:
                chosen.add(id(node))
                seeds |= {name} - {"", "__init__"}
                if name == "__init__":
                    seeds.add(owners.get(id(node), name))
                changed = True
        if not changed:
            break
    return frozenset(chosen)


def _unpacked(tree: ast.AST, assigned: List[Tuple[FrozenSet[str], FrozenSet[str]]]) -> FrozenSet[str]:
    """Where options come from: names in `**options`, and in what is assigned to those."""
    names = _names(node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg is None)
    return names.union(*(sources for targets, sources in assigned if targets & names))


def _names(nodes: Iterable[ast.AST]) -> FrozenSet[str]:
    found: Set[str] = set()
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 40:
                found.update(part for part in node.value.split(".") if part in _SEEDS)
    return frozenset(found)


def _passes_on(node: ast.AST, is_method: bool) -> bool:
    """Whether it may return or call what it is passed, set it in an attribute, or end the program."""
    arguments = node.args  # type: ignore[attr-defined]
    positional = [*arguments.posonlyargs, *arguments.args]
    names = {arg.arg for arg in [*positional[is_method:], *arguments.kwonlyargs]}
    names |= {arg.arg for arg in (arguments.vararg, arguments.kwarg) if arg is not None}
    returned = names.union(arg.arg for arg in positional)
    if isinstance(node, ast.Lambda):
        return True
    for each in ast.walk(node):
        if isinstance(each, (ast.Return, ast.Yield)) and isinstance(each.value, ast.Name) and each.value.id in returned:
            return True
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in names:
            return True
        if isinstance(each, ast.Call) and any(isinstance(arg, ast.Starred) for arg in each.args):
            return True
        if isinstance(each, ast.Call) and getattr(each.func, "attr", "") in _ENDS:
            return True
        is_passed = isinstance(each, ast.Assign) and isinstance(each.value, ast.Name) and each.value.id in names
        if is_passed and any(isinstance(target, ast.Attribute) for target in each.targets):  # type: ignore[attr-defined]
            return True
    last = node.body[-1]  # type: ignore[attr-defined]
    return isinstance(last, ast.Raise)

"""What unittest.mock and pytest's monkeypatch replace."""

from __future__ import annotations

import ast
import re
from typing import Any, Dict, List, Tuple, Union

from ._annotations import Annotations
from ._rules import BASES, CLIENTS
from ._syntax import ast_text, last_name
from ._values import (
    STRANGER,
    FunctionInfo,
    Symbol,
)

_PATCH = re.compile(r"(?:^|\.)((?:%s)(?:\.\w+)*)$" % "|".join(sorted(CLIENTS)))


class Mocks(Annotations):
    """Replaces names of modules, for a while."""

    def __init__(self) -> None:
        super().__init__()
        #: by fixture of pytest, or "" for those that every test uses, what it replaces
        self.fixtures: Dict[str, List[str]] = {}

    def start_again(self) -> None:
        super().start_again()
        self.fixtures.clear()

    def _note_fixture(self, node: Union[ast.FunctionDef, ast.AsyncFunctionDef], decorator: ast.expr) -> None:
        calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
        names = [name for call in calls if _is_patch(call) for name in self._patch_target(call)]
        keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
        self.fixtures.setdefault("" if any(each.arg == "autouse" for each in keywords) else node.name, []).extend(names)

    def _mocked_for(self, info: FunctionInfo) -> List[str]:
        """What the fixtures replace that a test asks for."""
        asked = {"", *(arg.arg for arg in info.node.args.args)}
        return [name for fixture in sorted(asked & self.fixtures.keys()) for name in self.fixtures[fixture]]

    def _mock(self, names: List[str]) -> List[Tuple[Any, Any]]:
        replaced = []
        for name in names:
            key = "symbol", name
            replaced.append((key, self.state.heap.get(key)))
            self.state.heap[key] = STRANGER
        return replaced

    def _unmock(self, replaced: List[Tuple[Any, Any]]) -> None:
        for key, values in reversed(replaced):
            if values is None:
                self.state.heap.pop(key, None)
            else:
                self.state.heap[key] = values

    def _patched(self, node: ast.expr) -> List[str]:
        """What a call of unittest.mock's patch() replaces, by dotted name."""
        return self._patch_target(node) if isinstance(node, ast.Call) and _is_patch(node) else []

    def _patch_target(self, node: ast.Call) -> List[str]:
        if not node.args:
            return []
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            match = _PATCH.search(first.value)
            if match is None:
                return []
            return _with_members(match.group(1))
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            names = [value.name for value in self.eval(first) if isinstance(value, Symbol)]
            return [each for name in names for each in _with_members(name + "." + str(node.args[1].value))]
        return []

    def _patch_here(self, node: ast.Call) -> None:
        """`monkeypatch.setattr(smtplib, "SMTP_SSL", ...)`, and `patch(...).start()`: from here on."""
        func = node.func
        if not isinstance(func, ast.Attribute):
            return
        if func.attr == "setattr" and "patch" in ast_text(func.value).lower():
            self._mock(self._patch_target(node))
        elif func.attr == "start" and isinstance(func.value, ast.Call):
            self._mock(self._patched(func.value))


def _is_patch(node: ast.Call) -> bool:
    """`patch()`, `mock.patch.object()`, `monkeypatch.setattr()`"""
    name = last_name(node.func)
    return name in ("patch", "object", "setattr", "multiple") and "patch" in ast_text(node.func).lower()


def _with_members(name: str) -> List[str]:
    """A module with what is in it."""
    return [name, *(each for each in BASES if each.startswith(name + "."))] if name in CLIENTS else [name]

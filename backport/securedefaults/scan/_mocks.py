"""What unittest.mock and pytest's monkeypatch replace."""

from __future__ import annotations

import ast
import re
from typing import Any, List, Tuple

from ._annotations import Annotations
from ._rules import BASES, CLIENTS
from ._syntax import ast_text
from ._values import (
    STRANGER,
    Symbol,
)

_PATCH = re.compile(r"(?:^|\.)((?:%s)(?:\.\w+)*)$" % "|".join(sorted(CLIENTS)))


class Mocks(Annotations):
    """Replaces names of modules, for a while."""

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
        if not isinstance(node, ast.Call):
            return []
        func = node.func
        name = getattr(func, "attr", getattr(func, "id", ""))
        if name not in ("patch", "object", "setattr", "multiple"):
            return []
        text = ast_text(func)
        if "patch" not in text.lower():
            return []
        return self._patch_target(node)

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


def _with_members(name: str) -> List[str]:
    """A module with what is in it."""
    return [name, *(each for each in BASES if each.startswith(name + "."))] if name in CLIENTS else [name]

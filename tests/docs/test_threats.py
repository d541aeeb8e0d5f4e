"""Each promise of Doc/threats.md has its tests, and they are there."""

from __future__ import annotations

import ast
import re
from typing import List

import pytest
from blocks import ROOT

from native import backport_only

pytestmark = backport_only("the promises are the backport's")

#: of tests that are there
_TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def promises() -> List[str]:
    text = (ROOT / "Doc" / "threats.md").read_text(encoding="utf-8")
    table = text.partition("## What is promised")[2].partition("\n## ")[0]
    return [line for line in table.splitlines() if line.startswith("| ")][1:]


def test_there_are_promises() -> None:
    assert len(promises()) >= 18


@pytest.mark.parametrize("promise", promises(), ids=lambda line: line[2:40])
def test_a_promise_has_its_test(promise: str) -> None:
    cells = [cell.strip() for cell in promise.strip("|").split("|")]
    assert len(cells) == 3, promise
    found = _TEST.findall(cells[2])
    assert found
    assert re.sub(r"[,\s]", "", _TEST.sub("", cells[2])) == ""
    for file, name in found:
        tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, name

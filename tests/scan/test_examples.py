"""One file for each behaviour: its first lines say what is to be found in it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import List, Set, Tuple

import pytest

from securedefaults_scan._scan import scan

FOLDER = Path(__file__).parent / "examples"
#: syntax that older versions do not parse
SINCE = {"match_statement.py": (3, 10), "match_values.py": (3, 10)}
KINDS = (".py", ".ini", ".yaml")
PATHS = sorted(path for path in FOLDER.iterdir() if path.suffix in KINDS)
FILES = [path for path in PATHS if sys.version_info >= SINCE.get(path.name, (3, 8))]
_EXPECT = re.compile(r"# expect: (SD\d+) (definite|possible)( fixable)? \| (.*)$")

Found = Tuple[str, str, bool, int]


def expected(path: Path) -> Set[Found]:
    lines = path.read_text(encoding="utf-8").splitlines()
    head = [line for line in lines if line.startswith("# expect: ")]
    if head == ["# expect: nothing"]:
        return set()
    found = set()
    for line in head:
        match = _EXPECT.match(line)
        assert match is not None, line
        rule, confidence, fixable, text = match.groups()
        numbers = [n for n, code in enumerate(lines, 1) if text in code and not code.startswith("# expect")]
        assert len(numbers) >= 1, "%s: no line has %s" % (path.name, text)
        found.add((rule, confidence, bool(fixable), numbers[0]))
    assert found, "%s says nothing" % path.name
    return found


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_finds(path: Path) -> None:
    result = scan([str(path)])
    assert result.unparsed == []
    found: List[Found] = [(each.id, each.confidence, each.fixable, each.line) for each in result.findings]
    assert len(found) == len(set(found))
    assert set(found) == expected(path)
